/** The facts of a failure; all but the message may be missing. */
export interface ErrorFacts {
  /** The status of the answer, when there was one. */
  readonly status?: number | null | undefined;
  /** The machine-readable reason, such as `USER_ALREADY_EXISTS`, when the server gave one. */
  readonly code?: string | null | undefined;
  /** The `detail` of the answer: text, an object, or the list of refused fields. */
  readonly detail?: unknown;
  /** The id under which the server logged the request. */
  readonly correlationId?: string | null | undefined;
  /** The argument that it is about, such as `connect[0].type`. */
  readonly field?: string | undefined;
  /** How many seconds to wait before another try, when the server said so. */
  readonly retryAfter?: number | undefined;
  /** What the failed answer cost all the same. */
  readonly billing?: unknown;
}

/** Why a call did not work. Every error of this package but `TypeError` is one of its subclasses. */
export class SyftHubError extends Error {
  /** The status of the answer, when there was one. */
  readonly status: number | undefined;
  /** The machine-readable reason, such as `USER_ALREADY_EXISTS`, when the server gave one. */
  readonly code: string | undefined;
  /** The `detail` of the answer: text, an object, or the list of refused fields. */
  readonly detail: unknown;
  /** The id under which the server logged the request; present whenever something was sent. */
  readonly correlationId: string | undefined;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message);
    this.name = new.target.name;
    this.status = facts.status ?? undefined;
    this.code = facts.code ?? undefined;
    this.detail = facts.detail ?? undefined;
    this.correlationId = facts.correlationId ?? undefined;
  }
}

/** Nobody is signed in, the session is over, or the password does not match. */
export class AuthenticationError extends SyftHubError {}

/** The caller may not do this. */
export class AuthorizationError extends SyftHubError {}

/** The thing does not exist, or the caller may not see it. */
export class NotFoundError extends SyftHubError {}

/** The value of an argument cannot be used, or the server refused a field. */
export class ValidationError extends SyftHubError {
  /** The argument that it is about, such as `connect[0].type`, when it was refused before anything was sent. */
  readonly field: string | undefined;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.field = facts.field;
  }
}

/** The server answered with a failure of another kind. */
export class APIError extends SyftHubError {}

/** It collides with something that exists. */
export class ConflictError extends APIError {}

/** The username or the e-mail address is taken. */
export class UserAlreadyExistsError extends ConflictError {}

/** Too many requests. */
export class RateLimitedError extends APIError {
  /** How many seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.retryAfter = facts.retryAfter;
  }
}

/** The server failed. */
export class ServerError extends APIError {}

/** The other side could not be talked to. */
export class NetworkError extends SyftHubError {}

/** No connection could be made. */
export class UnreachableError extends NetworkError {}

/** The connection broke, or a stream ended before its end was announced. */
export class ConnectionInterruptedError extends NetworkError {}

/** No answer within the deadline. */
export class DeadlineError extends NetworkError {}

/** The answer cannot be read: perhaps the address is not that of a hub. */
export class ProtocolError extends SyftHubError {}

/** A setting cannot be used; nothing was sent. */
export class ConfigurationError extends SyftHubError {}

/** A question could not be answered. */
export class ChatError extends SyftHubError {
  /** What the failed answer cost all the same, when an endpoint said anything of it. */
  readonly billing: unknown;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.billing = facts.billing;
  }
}

/** The model could not answer. */
export class GenerationError extends ChatError {}

/** The endpoint is published in a way that cannot be called. */
export class EndpointResolutionError extends ChatError {}

/** The session's tokens could not be read from or written to their store. */
export class StorageError extends SyftHubError {}

/** A defect of this package, stopped before it could do harm. */
export class InternalError extends SyftHubError {}

type ErrorClass = new (message: string, facts?: ErrorFacts) => SyftHubError;

/** One class per kind; the names are those of the Rust client. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  argument_value: ValidationError,
  usage: ConfigurationError,
  not_signed_in: AuthenticationError,
  forbidden: AuthorizationError,
  not_found: NotFoundError,
  conflict: ConflictError,
  refused: ValidationError,
  rate_limited: RateLimitedError,
  server: ServerError,
  timeout: DeadlineError,
  unreachable: UnreachableError,
  interrupted: ConnectionInterruptedError,
  protocol: ProtocolError,
  unusable: EndpointResolutionError,
  generation: GenerationError,
  storage: StorageError,
  panic: InternalError,
};

/** A failure as the native half tells it. */
interface Told extends ErrorFacts {
  readonly kind: string;
  readonly message: string;
}

/** Whether the native half says that the call was cancelled. */
export function isCancelled(thrown: unknown): boolean {
  return told(thrown)?.kind === 'cancelled';
}

/** The error that the native half threw, as one of the classes above; a wrong type is a `TypeError` with its `field`. */
export function errorOf(thrown: unknown): unknown {
  const failure = told(thrown);
  if (failure === undefined) return thrown;
  const about = aboutField(failure);
  if (failure.kind === 'argument_type') return Object.assign(new TypeError(about), { field: failure.field });
  if (failure.code === 'USER_ALREADY_EXISTS') return new UserAlreadyExistsError(about, failure);
  return new (CLASSES[failure.kind] ?? SyftHubError)(about, failure);
}

function aboutField({ field, message }: Told): string {
  const named = field === undefined || field === '' || message.includes(`\`${field}\``);
  return named ? message : `${field}: ${message}`;
}

function told(thrown: unknown): Told | undefined {
  if (!(thrown instanceof Error) || !thrown.message.startsWith('{"kind":')) return undefined;
  return JSON.parse(thrown.message) as Told;
}
