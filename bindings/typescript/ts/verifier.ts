import { Caller, type CallOptions } from './calls';
import { errorOf } from './errors';
import { native } from './native/load';
import type { JwkSet } from './types/wire';

/** What a verifier is made of. Spans of time are in seconds. */
export interface VerifierSettings {
  /** The address of the hub; that in the environment variable `SYFTHUB_URL` unless given. */
  readonly baseUrl?: string | undefined;
  /** Whose services the tokens are for: a username, or the slug of an organization. */
  readonly audience: string;
  /** What the hub calls itself in its tokens; its address unless given. */
  readonly issuer?: string | undefined;
  /** Keys to count in place of those that the hub publishes; it is never asked then. */
  readonly jwks?: JwkSet | undefined;
  /** The most time that fetching the keys may take. */
  readonly timeoutS?: number | undefined;
  /** How long after it was asked out of turn, for a key that nobody knows, the hub is left alone. */
  readonly pauseS?: number | undefined;
}

/** What a token says, once it counts. */
export interface Claims {
  /** The user's number as text, or `guest`. */
  sub: string;
  /** The hub. */
  iss: string;
  /** The one service that may accept the token: the username of its owner. */
  aud: string;
  /** Expiry, in seconds since 1970. */
  exp: number;
  /** Issue, in seconds since 1970. */
  iat: number;
  /** The user's role when the token was made. */
  role: string;
}

/**
 * Judges the tokens that callers bring to a service of one's own, without asking the hub for each: its keys are fetched
 * when they are first needed, and kept as long as the hub says.
 *
 * ```ts
 * const verifier = new Verifier({ baseUrl: 'https://hub.example.org', audience: 'ada' });
 * const claims = await verifier.verify(token);
 * ```
 */
export class Verifier {
  readonly #calls: Caller;

  /**
   * Nothing is fetched yet.
   *
   * @throws {TypeError} when a setting has the wrong type or is missing; its name is in `field`.
   */
  constructor(settings: VerifierSettings) {
    const whole = { ...settings, baseUrl: settings.baseUrl ?? process.env['SYFTHUB_URL'] };
    try {
      this.#calls = new Caller(new native.Verifier(JSON.stringify(whole)));
    } catch (thrown) {
      throw errorOf(thrown);
    }
  }

  /**
   * What a token says, if it counts now.
   *
   * @throws {AuthenticationError} when it does not; `code` says why, such as `token_expired` or `audience_mismatch`.
   * @throws {UnreachableError} when the hub's keys were never fetched, and cannot be now.
   */
  async verify(token: string, options?: CallOptions): Promise<Claims> {
    return this.#calls.call('verify', { token }, options);
  }
}
