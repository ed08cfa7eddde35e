// Made from syfthub-server/openapi.json by `make generate`; changes belong there.

/** A personal access token as its owner sees it after it was made. */
export interface AccessToken {
  /** RFC 3339, UTC. */
  createdAt: string;
  /** When it stops counting; null for never. */
  expiresAt?: string | null;
  /** Its number. */
  id: AccessTokenId;
  /** Whether it counts: neither revoked nor expired. */
  isActive: boolean;
  /** When it was last used, to the minute. */
  lastUsedAt?: string | null;
  /** The address it was last used from. */
  lastUsedIp?: string | null;
  /** What its owner calls it. */
  name: string;
  /** What it may do, in ascending order. */
  scopes: Scope[];
  /** The first 16 characters of the token. */
  tokenPrefix: string;
  /** RFC 3339, UTC. */
  updatedAt: string;
}

/** Body of `POST /api/v1/auth/tokens`. */
export interface AccessTokenDraft {
  /** When it stops counting, in the future; never unless given. */
  expiresAt?: string | null | undefined;
  /** What to call it, 1 to 100 characters. */
  name: string;
  /** What it may do; everything unless given. */
  scopes?: Scope[] | undefined;
}

/** A personal access token's number. On the wire a JSON integer. */
export type AccessTokenId = number;

/** Body of `PATCH /api/v1/auth/tokens/{id}`. */
export interface AccessTokenPatch {
  /** What to call it from now on, 1 to 100 characters. */
  name: string;
}

/** Answer of `GET /api/v1/auth/tokens`. */
export interface AccessTokens {
  /** A page of them, newest first. */
  tokens: AccessToken[];
  /** How many there are on all pages. */
  total: number;
}

/** Body of `PUT /api/v1/users/{user_id}` from an administrator: a profile, and what the user is to the hub. */
export type AccountPatch = ProfilePatch & {
  /** What the user is to the hub from now on; from others than administrators it is ignored. */
  role?: Role | null | undefined;
};

/** Answer of `GET /api/v1/users/me/accounting`: what the caller's programs sign in with at the accounting service. */
export interface AccountingCredentials {
  /** The user's address, which is the user name there. */
  email: string;
  /** The password there; null when none is known. */
  password?: string | null;
  /** The service's address; null when none is linked. */
  url?: string | null;
}

/** A transfer between two accounts. Services write its fields in camel case, the hub does not. */
export interface AccountingTransaction {
  /** How much, in the service's unit. */
  amount: number;
  /** The endpoint it was made for. */
  appEpPath?: string | null;
  /** The program it was made for. */
  appName?: string | null;
  /** When it was made, as the service writes it. */
  createdAt: string;
  /** `sender`, `recipient` or `system`. */
  createdBy: string;
  /** The transaction's id at the service. */
  id: string;
  /** Who is paid. */
  recipientEmail: string;
  /** When it was confirmed or cancelled. */
  resolvedAt?: string | null;
  /** Who confirmed or cancelled it. */
  resolvedBy?: string | null;
  /** Who pays. */
  senderEmail: string;
  /** `pending`, `completed` or `cancelled`. */
  status: string;
}

/** Answer of `GET /api/v1/accounting/user`. */
export interface AccountingUser {
  /** What is left to spend, in the service's unit. */
  balance: number;
  /** The account's address. */
  email: string;
  /** What is set aside for pending transactions, where the service tells. */
  held?: number | null;
  /** The account's id at the service. */
  id: string;
  /** The organization that the account names. */
  organization?: string | null;
}

/** Answer of the routes that say the same to everybody. */
export interface Acknowledgement {
  /** Sentence for people. */
  message: string;
}

/** Body of `POST /api/v1/users/me/aggregators`. */
export interface AggregatorDraft {
  /** Whether it becomes the default; the first one does anyhow. */
  isDefault?: boolean | undefined;
  /** What to call it, 1 to 100 characters. */
  name: string;
  /** Where it is reached: `http` or `https`, at most 500 characters. */
  url: string;
}

/** That it lives. */
export interface AggregatorHealth {
  service: string;
  status: string;
}

/** The number of an aggregator in a user's list. On the wire a JSON integer. */
export type AggregatorId = number;

/** Body of `PUT /api/v1/users/me/aggregators/{id}`: what is absent or null stays. */
export interface AggregatorPatch {
  /** True makes it the default; false changes nothing, since there is always one. */
  isDefault?: boolean | null | undefined;
  /** What to call it, 1 to 100 characters. */
  name?: string | null | undefined;
  /** Where it is reached: `http` or `https`, at most 500 characters. */
  url?: string | null | undefined;
}

/** Whether it can do its work. */
export interface AggregatorReady {
  checks: Checks;
  /** `ready` or `not_ready`. */
  status: string;
}

/** Answer of `GET /api/v1/token/audiences`. */
export interface Audiences {
  /** Usernames, sorted. */
  allowedAudiences: string[];
  /** Whether the hub has a signing key. */
  idpConfigured: boolean;
}

/** Answer of `GET /api/v1/auth/config`: what a client may offer its user. */
export interface AuthConfig {
  /** Whether a forgotten password can be reset. */
  passwordResetEnabled: boolean;
  /** Whether an address must be verified before its user can sign in. */
  requireEmailVerification: boolean;
  /** Whether the hub can send mail. */
  smtpConfigured: boolean;
}

/** What the policies of the endpoints behind an answer did, and what was charged in all. */
export interface Billing {
  /** The currency of the sum, where the entries say it. */
  currency?: string | null;
  /** What each policy did: the sources in the order of the request, then the model. */
  entries: BillingEntry[];
  /** The sum over the charged entries, when they share one currency; absent when nothing was charged. */
  totalCost?: number | null;
}

/** What one policy of one endpoint did. */
export type BillingEntry = PolicyEntry & {
  /** Path of the endpoint that says so: `owner/slug`. */
  source?: string | undefined;
};

/** Body of `POST /aggregator/api/v1/chat` and `/chat/stream`. */
export interface ChatRequest {
  /** Replaces the system message. */
  customSystemPrompt?: string | null | undefined;
  /** The endpoints to ask for documents. */
  dataSources: EndpointRef[];
  /** Owner to satellite token. */
  endpointTokens: Record<string, string>;
  /** The most tokens of the answer. */
  maxTokens: number;
  /** Turns before the question. */
  messages?: Message[] | undefined;
  /** The endpoint that answers. */
  model: EndpointRef;
  /** Whether a source that refuses the caller ends the answer. */
  onDenied?: OnDenied | undefined;
  /** The question; also the retrieval query. */
  prompt: string;
  /** Stop after retrieval. */
  retrievalOnly?: boolean | undefined;
  /** The least score of a document, 0 to 1. */
  similarityThreshold: number;
  /** Accepted; the route decides. */
  stream: boolean;
  /**
   * Extra events the client can read: `rerank`, `heartbeat`, `citations`, `phases`, or `all` of them; other words
   * are ignored.
   */
  streamEvents?: string[] | undefined;
  /** 0 to 2. */
  temperature: number;
  /** Documents per source, 1 to 20. */
  topK: number;
  /** Owner to accounting token. */
  transactionTokens: Record<string, string>;
  /** The hub token of newer clients; never logged. */
  userToken?: string | null | undefined;
}

/** Answer of `POST /aggregator/api/v1/chat`. */
export interface ChatResponse {
  /** The text with every marker as `[cite:N-start:end]`; absent when nothing is cited. */
  annotated?: string | null;
  /** What the answer cost; absent when no endpoint said anything of it. */
  billing?: Billing | null;
  /** The claims that the model marked, and the documents they rest on. */
  citations: CitedSpan[];
  /** How long it took. */
  metadata: Timings;
  /** Path of each cited endpoint to its share of the answer; the shares add up to 1. */
  profitShare?: Record<string, number> | null;
  /** The model's text. */
  response: string;
  /** One entry a source, in the order of the request. */
  retrievalInfo: RetrievalInfo[];
  /** Title to document, best first. */
  sources: Record<string, unknown>;
  /** What the model counted, when it said so. */
  usage?: Usage | null;
}

/** What that depends on. */
export interface Checks {
  /** `ok`, or `full` while as many answers are made as may be. */
  answers: string;
  /** `ok`, or `away` when the hub does not answer; absent where there is none. */
  hub?: string | null;
}

/** One claim of an answer and one document that it rests on. */
export interface CitedSpan {
  /** The document's number: its place in `sources`, from 1. */
  document: number;
  /** One past its last character. */
  end: number;
  /** The document's path inside its dataset, when the source said it. */
  path?: string | null;
  /** Path of the endpoint that gave the document: `owner/slug`. */
  source: string;
  /** First character of the claim in the answer without its markers, counted in Unicode code points. */
  start: number;
  /** The sentence of the document's text that shares most with the claim; absent when none does. */
  support?: Span | null;
  /** The document's key in `sources`. */
  title: string;
}

/** Body of `POST /api/v1/auth/register/resend-otp` and of `POST /api/v1/auth/password-reset/request`. */
export interface CodeRequest {
  /** Where the code is to be mailed. */
  email: Email;
}

/** Body of `POST /api/v1/auth/register/verify-otp`. */
export interface CodeVerification {
  /** The code, six digits. */
  code: string;
  /** The address the code was mailed to. */
  email: Email;
}

/** A way to reach the endpoint. The hub reads `type`, `enabled`, `config.url` and `config.path`. */
export interface Connection {
  /** Where and how. */
  config?: Record<string, unknown> | undefined;
  /** For people, at most 500 characters. */
  description?: string | undefined;
  /** Whether it may be used. */
  enabled?: boolean | undefined;
  /** Such as `https`, 1 to 50 characters. */
  type: string;
}

/** Body of `POST /api/v1/accounting/deposits`; the recipient's field is also accepted in camel case. */
export type DepositDraft = Payee & {
  /** How much, above 0, with at most six decimals. */
  amount: number;
  /** What it is for, such as the number of an invoice; at most 255 characters. */
  note?: string | null | undefined;
};

/** An e-mail address in lower case; its domain has a dot and is not a name for special use (RFC 6761). */
export type Email = string;

/** Answer of `GET /api/v1/users/check-email/{email}`. */
export interface EmailAvailability {
  /** Whether nobody registered with it. */
  available: boolean;
  /** The address in lower case. */
  email: string;
}

/** An endpoint as its owner sees it. */
export interface Endpoint {
  /** Ways to reach it, with `config.url` rewritten to the owner's domain. */
  connect: Connection[];
  /** The numbers of the users who work on it. */
  contributors: number[];
  /** RFC 3339, UTC. */
  createdAt: string;
  /** At most 500 characters. */
  description: string;
  /** When that was. RFC 3339, UTC. */
  healthCheckedAt?: string | null;
  /** Whether it answered when it was last heard of; absent while nobody knows. */
  healthStatus?: HealthStatus | null;
  /** Its number. */
  id: EndpointId;
  /** Whether it is switched on. */
  isActive: boolean;
  /** For people, 1 to 100 characters. */
  name: string;
  /** The organization that owns it; null when a user does. */
  organizationId?: OrganizationId | null;
  /** The first half of its address. */
  ownerUsername: string;
  /** The rules its space keeps. */
  policies: Policy[];
  /** Markdown, at most 50,000 characters. */
  readme: string;
  /** The second half of its address. */
  slug: string;
  /** How many users starred it. */
  starsCount: number;
  /** At most 10. */
  tags: string[];
  /** What it offers. */
  type: EndpointType;
  /** Moved by edits of its content only. RFC 3339, UTC. */
  updatedAt: string;
  /** The user who owns it; null when an organization does. */
  userId?: UserId | null;
  /** Three numbers. */
  version: string;
  /** Who sees it. */
  visibility: Visibility;
}

/** Body of `PATCH /api/v1/endpoints/{id}/admin`: what is absent or null stays. */
export interface EndpointAdminPatch {
  /**
   * False switches the endpoint off for everybody but its owner, true takes that back. One that does not answer stays
   * off either way.
   */
  isActive?: boolean | null | undefined;
  /** What the counter is to show, from 0. */
  starsCount?: number | null | undefined;
}

/** How many endpoints there are. */
export interface EndpointCounts {
  /** Those that are switched on and answer. */
  active: number;
  /** Those that every user sees. */
  internal: number;
  /** Those that their owners see. */
  private: number;
  /** Those that everybody sees. */
  public: number;
  /** All of them. */
  total: number;
}

/** Body of `POST /api/v1/endpoints`. */
export interface EndpointDraft {
  /** Ways to reach it. */
  connect?: Connection[] | undefined;
  /** The numbers of the users who work on it; unknown ones are dropped. */
  contributors?: number[] | undefined;
  /** At most 500 characters. */
  description?: string | undefined;
  /** 1 to 100 characters. */
  name: string;
  /** The organization to publish for; the query parameter of the same name wins. */
  organizationId?: OrganizationId | null | undefined;
  /** The rules its space keeps. */
  policies?: Policy[] | undefined;
  /** Markdown, at most 50,000 characters. */
  readme?: string | undefined;
  /** The address to take; made from the name when absent. */
  slug?: Slug | null | undefined;
  /** At most 10. */
  tags?: Tag[] | undefined;
  /** What it offers; cannot be changed later. */
  type: EndpointType;
  /** Three numbers. */
  version?: Version | undefined;
  /** Who sees it. */
  visibility?: Visibility | undefined;
}

/** An endpoint's number. On the wire a JSON integer. */
export type EndpointId = number;

/**
 * Body of `PATCH /api/v1/endpoints/{id}`: what is absent or null stays; lists are replaced whole. The type and the
 * slug cannot be changed, and are ignored when sent.
 */
export interface EndpointPatch {
  /** Ways to reach it. */
  connect?: Connection[] | null | undefined;
  /** The numbers of the users who work on it. */
  contributors?: number[] | null | undefined;
  /** At most 500 characters. */
  description?: string | null | undefined;
  /** 1 to 100 characters. */
  name?: string | null | undefined;
  /** The rules its space keeps. */
  policies?: Policy[] | null | undefined;
  /** Markdown, at most 50,000 characters. */
  readme?: string | null | undefined;
  /** At most 10. */
  tags?: Tag[] | null | undefined;
  /** Three numbers. */
  version?: Version | null | undefined;
  /** Who sees it. */
  visibility?: Visibility | null | undefined;
}

/** An endpoint as everybody who may see it sees it. */
export interface EndpointPublic {
  /** Ways to reach it, with `config.url` rewritten to the owner's domain. */
  connect: Connection[];
  /** How many users work on it. */
  contributorsCount: number;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** At most 500 characters. */
  description: string;
  /** When that was. RFC 3339, UTC. */
  healthCheckedAt?: string | null;
  /** Whether it answered when it was last heard of; absent while nobody knows. */
  healthStatus?: HealthStatus | null;
  /** Its number. */
  id?: EndpointId | null;
  /** For people, 1 to 100 characters. */
  name: string;
  /** The first half of its address. */
  ownerUsername: string;
  /** The rules its space keeps. */
  policies: Policy[];
  /** Markdown, at most 50,000 characters. */
  readme: string;
  /** The second half of its address. */
  slug: string;
  /** How many users starred it. */
  starsCount: number;
  /** At most 10. */
  tags: string[];
  /** What it offers. */
  type: EndpointType;
  /** Moved by edits of its content only. RFC 3339, UTC. */
  updatedAt: string;
  /** Three numbers. */
  version: string;
}

/** An endpoint to call, as the client resolved it. */
export interface EndpointRef {
  /** For display. */
  name: string;
  /** Key into the token maps, and first half of the path in answers. */
  ownerUsername?: string | null | undefined;
  /** Replaces the prompt for this source. */
  queryOverride?: string | null | undefined;
  /** The endpoint's name there. */
  slug: string;
  /** Sent as `X-Tenant-Name`. */
  tenantName?: string | null | undefined;
  /** Base URL of the space. */
  url: string;
}

/** How one endpoint is, as its space says. */
export interface EndpointReport {
  /** By the space's clock; the hub goes by its own. RFC 3339. */
  checkedAt: string;
  /** 3 to 63 characters, in any case. */
  slug: string;
  /** Whether it answers. */
  status: HealthStatus;
}

/** What an endpoint offers. */
export type EndpointType = "model" | "data_source" | "model_data_source" | "agent";

/** One line of an account's journal. Lines are only ever added; the lines of one movement sum to zero over all accounts. */
export interface Entry {
  /** What came in; below zero what went out. */
  amount: number;
  /** Which part of the account: `available` or `held`. */
  bucket: string;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** The line's number in the ledger. */
  id: number;
  /** What moved it: `deposit`, `reserve`, `settle` or `release`. */
  kind: string;
  /** The transaction it belongs to; null when money came in. */
  transactionId?: string | null;
}

/** Answer of `GET /api/v1/admin/errors`. */
export interface ErrorPage {
  /** A page of those that match, newest first. */
  errors: ErrorRecord[];
  /** How many a page has at most. */
  limit: number;
  /** How many were left out before this page. */
  skip: number;
  /** How many match on all pages. */
  total: number;
}

/** A report as it is kept. */
export interface ErrorRecord {
  /** When it arrived. */
  at: string;
  /** What else is known, without secrets. */
  context: unknown;
  /** The request it belongs to. */
  correlationId: string;
  /** The error's code. */
  errorCode?: string | null;
  /** The error's type. */
  errorType?: string | null;
  /** What kind of event it is. */
  event: string;
  /** The report's number. */
  id: number;
  /** How bad it is. */
  level: Level;
  /** What happened. */
  message: string;
  /** The method of the request that failed. */
  method?: string | null;
  /** Its route or path. */
  path?: string | null;
  /** `hub` for the hub's own failures, `frontend` for what users' programs report, else the service that reported. */
  service: string;
  /** Where it was raised. */
  stackTrace?: string | null;
  /** The status that was answered. */
  status?: number | null;
  /** Who reported it, if that is known. */
  userId?: number | null;
}

/**
 * Body of `POST /api/v1/errors/report`: what a user's program noticed. Long texts are cut and secrets blanked before
 * anything is kept.
 */
export interface ErrorReport {
  /** Where it happened: `url`, `user_agent`, `app_state`, and what else is known. */
  context?: Record<string, unknown> | null | undefined;
  /** The request that the error belongs to. */
  correlationId?: string | null | undefined;
  /** The error itself. */
  error: ReportedError;
  /** What kind of event it is, 1 to 100 characters; `frontend.error.unhandled` unless given. */
  event?: string | undefined;
  /** What happened, in a sentence. */
  message: string;
  /** When the program noticed it. */
  timestamp?: string | null | undefined;
}

/** What a link, or its form, carries. */
export interface Followed {
  /** Whether a model shall answer; in a form it shall. */
  aggregate: boolean;
  /** Where and what: `ada/notes|bob/maps!Why?`. */
  q: string;
}

/** Leave that one account gives another to charge it, up to a cap and until a moment. */
export interface Grant {
  /** The most that may be charged in all. */
  cap: number;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** When it stops counting. */
  expiresAt: string;
  /** The grant's id, which is also the `jti` of its token. */
  id: string;
  /** Whether it counts: neither taken back nor expired. */
  isActive: boolean;
  /** Who may charge. */
  recipientEmail: string;
  /** When it was taken back; null when it was not. */
  revokedAt?: string | null;
  /** Who pays. */
  senderEmail: string;
  /** What has been charged, pending charges included. */
  spent: number;
}

/** Body of `POST /api/v1/accounting/grants`; the recipient's field is also accepted in camel case. */
export type GrantDraft = Payee & {
  /** The most that may be charged in all, above 0; what the hub is set to unless given. */
  cap?: number | null | undefined;
  /** Seconds until it expires, at most a year; what the hub is set to unless given. */
  expiresIn?: number | null | undefined;
};

export interface Health {
  status: string;
  version: string;
}

/** What the hub makes of a report. */
export interface HealthReceipt {
  /** Items about none. */
  ignored: number;
  /** Items about an endpoint of the caller. */
  updated: number;
}

/** Body of `POST /api/v1/endpoints/health`. */
export interface HealthReport {
  /** 1 to 300. */
  endpoints: EndpointReport[];
  /** For how many seconds this holds, 1 to 3600; the hub cuts it to its cap. */
  ttlSeconds?: number | null | undefined;
  /** Where the space is reached, as in a heartbeat. */
  url: string;
}

/** Whether an endpoint answered when it was last heard of. */
export type HealthStatus = "healthy" | "unhealthy";

/** Body of `POST /api/v1/users/me/heartbeat`: the owner's space is alive. */
export interface Heartbeat {
  /** For how many seconds this holds, 1 to 3600; the hub cuts it to its cap. */
  ttlSeconds?: number | null | undefined;
  /** Where the space is reached, `http(s)://host[:port]`, or `tunneling:<name>`; at most 500 characters. */
  url: string;
}

/** What the hub makes of a heartbeat. */
export interface HeartbeatReceipt {
  /** The owner's domain now. */
  domain: string;
  /** Until when the owner counts as alive. RFC 3339, UTC. */
  expiresAt: string;
  /** By the hub's clock. RFC 3339, UTC. */
  receivedAt: string;
  /** `ok`. */
  status: string;
  /** The time to live that was granted, in seconds. */
  ttlSeconds: number;
}

export interface Index {
  docs: string;
  message: string;
  version: string;
}

/** An RSA public key that verifies RS256 signatures. */
export interface Jwk {
  /** Always `RS256`. */
  alg?: string | null;
  /** Exponent, base64url without padding. */
  e: string;
  /** The key's name; tokens carry it in their header. */
  kid: string;
  /** Always `RSA`. */
  kty: string;
  /** Modulus, base64url without padding. */
  n: string;
  /** Always `sig`. */
  use?: string | null;
}

/** Answer of `GET /.well-known/jwks.json`. */
export interface JwkSet {
  /** Every key whose tokens may still be alive. */
  keys: Jwk[];
}

/** An account. */
export interface LedgerAccount {
  /** What can be spent. */
  balance: number;
  email: string;
  id: string;
  organization?: string | null;
}

/** `{"user": …}`. */
export interface LedgerAccountAnswer {
  /** The password that was made for a new account, told this once. */
  password?: string | null;
  user: LedgerAccount;
}

/** `{"users": […]}`. */
export interface LedgerAccountsAnswer {
  users: LedgerAccount[];
}

/** Body of a deposit. */
export interface LedgerDeposit {
  /** Above 0, with at most six decimals. */
  amount: number;
  recipientEmail: Email;
}

/** Body that names a recipient. */
export interface LedgerRecipient {
  recipientEmail: Email;
}

/** `{"token": …}`. */
export interface LedgerToken {
  token: string;
}

/** A transaction; enumerations are in upper case in dialect A, and in lower case in dialect B. */
export interface LedgerTransaction {
  amount: number;
  appEpPath?: string | null;
  appName?: string | null;
  createdAt: string;
  /** `sender`, `recipient` or `system`. */
  createdBy: string;
  id: string;
  recipientEmail: string;
  resolvedAt?: string | null;
  /** `sender`, `recipient` or `system`; null while it is pending. */
  resolvedBy?: string | null;
  senderEmail: string;
  /** `pending`, `completed` or `cancelled`. */
  status: string;
}

/** `{"transaction": …}`. */
export interface LedgerTransactionAnswer {
  transaction: LedgerTransaction;
}

/** Body of dialect A that names a transaction. */
export interface LedgerTransactionName {
  transactionId: string;
}

/** How bad it is. */
export type Level = "debug" | "info" | "warning" | "error" | "critical";

/** Either form of the list. */
export type Listed = UserAggregator[] | UserAggregators;

/** Form of `POST /api/v1/auth/login`. */
export interface Login {
  /** The password. */
  password: string;
  /** A username or an e-mail address, in any case. */
  username: string;
}

/** A user's place in an organization. */
export interface Member {
  /** The membership's number. */
  id: number;
  /** Whether the membership counts. */
  isActive: boolean;
  /** RFC 3339, UTC. */
  joinedAt: string;
  /** The organization's number. */
  organizationId: OrganizationId;
  /** What the user is to the organization. */
  role: OrgRole;
  /** The user's number. */
  userId: UserId;
  /** The user's name. */
  username: string;
}

/** Body of `PUT /api/v1/organizations/{id}/members/{user_id}`. */
export interface MemberPatch {
  /** What the member becomes; absent or null leaves it. */
  role?: OrgRole | null | undefined;
}

/** One turn of a conversation. */
export interface Message {
  /** What was said. */
  content: string;
  /** `system`, `user` or `assistant`. */
  role: string;
}

/** Answer of `POST /api/v1/auth/tokens`: the only time that the token itself is told. */
export type NewAccessToken = AccessToken & {
  /** The token, to be sent as a bearer token. */
  token: string;
};

/** Answer of `POST /api/v1/accounting/grants`: the only time that the token is told. */
export type NewGrant = Grant & {
  /** The delegation token. Whoever is the recipient and holds it may charge the sender. */
  token: string;
};

/** Body that asks for an account. */
export interface NewLedgerAccount {
  email: Email;
  organization?: string | null | undefined;
  /** 8 characters at least; one is made when there is none. */
  password?: string | null | undefined;
}

/** Body that names an organization. */
export interface NewLedgerOrganization {
  organization?: string | null | undefined;
}

/** Body that changes a password. */
export interface NewLedgerPassword {
  /** 8 characters at least. */
  newPassword: string;
  oldPassword: string;
}

/** Body of a new transaction. */
export interface NewLedgerTransaction {
  /** Above 0, with at most six decimals. */
  amount: number;
  appEpPath?: string | null | undefined;
  appName?: string | null | undefined;
  /** Who is paid; who asks, when they charge somebody. */
  recipientEmail?: Email | null | undefined;
  /** Who pays; who asks, unless they charge somebody. */
  senderEmail?: Email | null | undefined;
  /** The delegation token with which somebody is charged, in dialect A. */
  token?: string | null | undefined;
}

/** Body of `POST /api/v1/organizations/{id}/members`. */
export interface NewMember {
  /** As what; `member` when absent. */
  role: OrgRole;
  /** Who joins. */
  userId: UserId;
}

/** Body of `POST /api/v1/accounting/transactions`; the names are also accepted in camel case. */
export type NewTransaction = Payee & {
  /** How much, above 0, with at most six decimals. */
  amount: number;
  /** The endpoint it is made for, at most 255 characters. */
  appEpPath?: string | null | undefined;
  /** The program it is made for, at most 255 characters. */
  appName?: string | null | undefined;
};

/** What becomes of an answer when a source refuses the caller. */
export type OnDenied = "continue" | "fail";

/**
 * What a member is to an organization, from the least right to the most: each role may do all
 * that those before it may.
 */
export type OrgRole = "viewer" | "member" | "manager" | "admin" | "owner";

/** A team that owns endpoints. */
export interface Organization {
  /** Address of a picture. */
  avatarUrl?: string | null;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** At most 500 characters. */
  description: string;
  /** Where its space is reached, exactly as it was stored. */
  domain?: string | null;
  /** Its number. */
  id: OrganizationId;
  /** Whether it is there; one that was deleted is not. */
  isActive: boolean;
  /** For people, 1 to 100 characters. */
  name: string;
  /** The first half of its endpoints' addresses; never changes. */
  slug: string;
  /** Moved by edits of the profile. RFC 3339, UTC. */
  updatedAt: string;
}

/** Body of `POST /api/v1/organizations/`. */
export interface OrganizationDraft {
  /** A picture's address, `http` or `https`, at most 255 characters. */
  avatarUrl?: string | null | undefined;
  /** At most 500 characters. */
  description?: string | undefined;
  /** Where its space is reached, at most 500 characters. */
  domain?: string | null | undefined;
  /** 1 to 100 characters. */
  name: string;
  /** The name to take among all owners; made from the name when absent. */
  slug?: Slug | null | undefined;
}

/** An organization's number, counted apart from those of users. On the wire a JSON integer. */
export type OrganizationId = number;

/** Body of `PUT /api/v1/organizations/{id}`: what is absent stays; null or empty text clears an address. The slug cannot be changed, and is ignored when sent. */
export interface OrganizationPatch {
  /** A picture's address, `http` or `https`, at most 255 characters. */
  avatarUrl?: string | null | undefined;
  /** At most 500 characters. */
  description?: string | null | undefined;
  /** Where its space is reached, at most 500 characters. */
  domain?: string | null | undefined;
  /** 1 to 100 characters. */
  name?: string | null | undefined;
}

/** Answer of `GET /api/v1/admin/overview`: how much there is. */
export interface Overview {
  /** Personal access tokens that count. */
  accessTokens: number;
  /** When all this was counted; RFC 3339, UTC. */
  asOf: string;
  /** Endpoints of users and organizations. */
  endpoints: EndpointCounts;
  /** Organizations that were not deleted. */
  organizations: number;
  /** Sessions that can still be refreshed. */
  sessions: number;
  /** Accounts. */
  users: UserCounts;
}

/** The public endpoints of one owner: an item of `GET /api/v1/endpoints/public/grouped`. */
export interface OwnerGroup {
  /** The latest edited ones. */
  endpoints: EndpointPublic[];
  /** Whether there are more than `endpoints` shows. */
  hasMore: boolean;
  /** The user's name or the organization's slug. */
  ownerUsername: string;
  /** How many public endpoints they have. */
  totalCount: number;
}

/**
 * The name of an owner, a user or an organization, whose names are one namespace: lower case, 3 to 63 of
 * `a-z 0-9 _ -`, a letter or digit at both ends.
 */
export type OwnerName = string;

/** Body of `PUT /api/v1/auth/me/password`. */
export interface PasswordChange {
  /** The password so far. */
  currentPassword: string;
  /** The new one as sent; the server checks it against its own minimum. */
  newPassword: string;
}

/** Body of `POST /api/v1/auth/password-reset/confirm`. */
export interface PasswordReset {
  /** The code, six digits. */
  code: string;
  /** The address the code was mailed to. */
  email: Email;
  /** The new password as sent; the server checks it against its own minimum. */
  newPassword: string;
}

/** Whom to pay or to trust, by address or by name. One of the two is on the wire. */
export type Payee = {
  /** The address of the account. */
  recipientEmail: Email;
} | {
  /** The name of the user or the organization at this hub. */
  recipientUsername: OwnerName;
};

/** Body of `POST /api/v1/peer-token` and of `POST /api/v1/nats/guest-peer-token`. */
export interface PeerRequest {
  /** Names of the owners of endpoints, at most 50. */
  targetUsernames: string[];
}

/** A reply channel for sessions with endpoints. */
export interface PeerToken {
  /** Seconds. */
  expiresIn: number;
  /** The address of a message server; empty where none is involved. */
  natsUrl: string;
  /** Random text. */
  peerChannel: string;
  /** Random text. */
  peerToken: string;
}

/** A rule that the space keeps for callers. The hub stores it and never interprets it. */
export interface Policy {
  /** The rule's own settings. */
  config?: Record<string, unknown> | undefined;
  /** For people, at most 500 characters. */
  description?: string | undefined;
  /** Whether it is in force. */
  enabled?: boolean | undefined;
  /** Such as `access` or `rate_limit`, 1 to 100 characters. */
  type: string;
  /** Two numbers, `1.0` unless said otherwise. */
  version?: string | undefined;
}

/** What one policy did. */
export interface PolicyEntry {
  /** How much, where it is about money. */
  amount?: number | null;
  /** Of which currency, where that is known. */
  currency?: string | null;
  /** Whatever else there is to say, such as `retry_after` in seconds. */
  details: Record<string, unknown>;
  /** `access`, `rate_limit`, `payment` or `transform`. */
  kind: string;
  /** The policy's type. */
  policyType: string;
  /** Why, for people. */
  reason?: string | null;
  /** Why, for programs, such as `RATE_LIMITED`. */
  reasonCode?: string | null;
  /** `applied`, `rejected`, `charged`, `refunded`, `free` or `skipped`. */
  status: string;
  /** How the money moved. */
  transaction?: PolicyTransaction | null;
}

/** A transaction at a service for money. */
export interface PolicyTransaction {
  /** The transaction's id there. */
  id: string;
  /** The kind of service, such as `accounting`. */
  rail: string;
}

/** Body of `PUT /api/v1/users/me`: what is absent stays; null clears the addresses. */
export interface ProfilePatch {
  /** The password there, at most 255 characters. */
  accountingPassword?: string | null | undefined;
  /** The accounting service to link, `http` or `https`, at most 500 characters. */
  accountingServiceUrl?: string | null | undefined;
  /** The aggregator to prefer, at most 500 characters. */
  aggregatorUrl?: string | null | undefined;
  /** A picture's address, `http` or `https`, at most 500 characters. */
  avatarUrl?: string | null | undefined;
  /** What the user says of themselves, at most 500 characters. */
  bio?: string | null | undefined;
  /** Where the user's space is reached, at most 500 characters. */
  domain?: string | null | undefined;
  /** A new e-mail address. */
  email?: Email | null | undefined;
  /** A new name, 1 to 100 characters. */
  fullName?: string | null | undefined;
  /** False switches the account off; only an administrator switches it on again. */
  isActive?: boolean | null | undefined;
  /** Whether the public profile shows the e-mail address. */
  isEmailPublic?: boolean | null | undefined;
  /** A new username. */
  username?: Username | null | undefined;
}

/** Somebody with public endpoints: an item of `GET /api/v1/endpoints/public/owners`. */
export interface PublicOwner {
  /** How many of them retrieve documents; one that does both counts twice. */
  dataSourceCount: number;
  /** How many public endpoints they have. */
  endpointCount: number;
  /** How many of them generate text. */
  modelCount: number;
  /** The stars of all of them together. */
  starsCount: number;
  /** The user's name or the organization's slug. */
  username: string;
}

/** A user as everybody may see them. */
export interface PublicProfile {
  /** Address of a picture. */
  avatarUrl?: string | null;
  /** What the user says of themselves. */
  bio?: string | null;
  /** Since when they have an account; RFC 3339, UTC. */
  createdAt: string;
  /** The e-mail address, when the user shows it. */
  email?: string | null;
  /** As the user wrote it. */
  fullName: string;
  /** Lower case. */
  username: string;
}

/** Body of `POST /api/v1/auth/refresh`. */
export interface RefreshRequest {
  /** The refresh token of the session. */
  refreshToken: string;
}

/** The body of a refusal. */
export interface RefusalBody {
  /** What the answer cost all the same; absent when no endpoint said anything of it. */
  billing?: Billing | null;
  /** A sentence, or for status 422 the list of what is wrong. */
  detail: unknown;
  /** A word for programs. */
  error: string;
  /** A sentence for people. */
  message: string;
}

/** Why a token does not count. */
export interface RefusedToken {
  /** Machine-readable reason, such as `token_expired`. */
  error: string;
  /** Sentence for people. */
  message: string;
  /** Always false. */
  valid: boolean;
}

/** Answer of `POST /api/v1/auth/register`. */
export interface Registered {
  /** The session's access token; null until the address is verified, where the hub requires that. */
  accessToken?: string | null;
  /** The session's refresh token; null likewise. */
  refreshToken?: string | null;
  /** Whether a code was mailed that must be sent to `POST /api/v1/auth/register/verify-otp` before signing in. */
  requiresEmailVerification: boolean;
  /** Always `bearer`. */
  tokenType: string;
  /** The new user. */
  user: User;
}

/** Body of `POST /api/v1/auth/register`. A hub without accounting ignores the accounting fields. */
export interface Registration {
  /** The password of the account there, when it exists already; at most 255 characters. */
  accountingPassword?: string | null | undefined;
  /** The accounting service to link, when it is not the hub's default one; at most 500 characters. */
  accountingServiceUrl?: string | null | undefined;
  /** The address to sign in with. */
  email: Email;
  /** 1 to 100 characters. */
  fullName: string;
  /** The password as sent; the server checks it against its own minimum. */
  password: string;
  /** The name to take. */
  username: Username;
}

/** Answer to a report. */
export interface ReportReceived {
  /** The id the report is kept under: its own when that is a good one, else the request's. */
  correlationId: string;
  /** Always true. */
  received: boolean;
}

/** The error inside an [`ErrorReport`]. */
export interface ReportedError {
  /** The components it was raised in. */
  componentStack?: string | null | undefined;
  /** Its own message. */
  message?: string | null | undefined;
  /** Where it was raised. */
  stackTrace?: string | null | undefined;
  /** Its type, such as `TypeError`. */
  type: string;
}

/** What one source did. */
export interface RetrievalInfo {
  /** How many documents it gave. */
  documentsRetrieved: number;
  /** Why it failed. */
  errorMessage?: string | null;
  /** `owner/slug`. */
  path: string;
  /** `success`, `error` or `timeout`; newer clients also get `access_denied` and others. */
  status: string;
}

/** What a user is to the hub. */
export type Role = "admin" | "user" | "guest";

/** Answer of `GET /api/v1/token`. */
export interface SatelliteToken {
  /** Seconds until it expires. */
  expiresIn: number;
  /** RS256 token for one service. */
  targetToken: string;
}

/** How much a personal access token may do. Each scope includes those before it. */
export type Scope = "read" | "write" | "full";

/** Body of `POST /api/v1/endpoints/search`. */
export interface SearchRequest {
  /** What to look for, 1 to 1000 characters of any kind: nothing in it has a special meaning. */
  query: string;
  /** How many to find at most, 1 to 50; 10 unless given. */
  topK?: number | undefined;
  /** Only endpoints of this type. */
  type?: EndpointType | null | undefined;
}

/** Answer of `POST /api/v1/endpoints/search`. */
export interface SearchResponse {
  /** The query, as it was sent. */
  query: string;
  /** The best fitting one first. */
  results: SearchResult[];
  /** How many there are in `results`. */
  total: number;
}

/** An endpoint that was found. */
export type SearchResult = EndpointPublic & {
  /**
   * How well it fits, from above 0 to 1: the share of the query's words that it has, where a rare word counts more than
   * a common one, and one in the name more than one in the tags, the owner, the description or, least, the readme. 1
   * when its name is what was asked for.
   */
  relevanceScore: number;
};

/** Body of `POST /api/v1/errors/service-report`: what a service of the same operator noticed. */
export interface ServiceErrorReport {
  /** What else is known. */
  context?: unknown | undefined;
  /** The request that the error belongs to. */
  correlationId?: string | null | undefined;
  /** The path that was asked for. */
  endpoint?: string | null | undefined;
  /** The error's code. */
  errorCode?: string | null | undefined;
  /** The error's type. */
  errorType?: string | null | undefined;
  /** What kind of event it is, 1 to 100 characters. */
  event: string;
  /** How bad it is; `error` unless given. */
  level?: Level | undefined;
  /** What happened, in a sentence. */
  message: string;
  /** The method it was asked with. */
  method?: string | null | undefined;
  /** What was asked. */
  requestData?: unknown | undefined;
  /** What was answered. */
  responseData?: unknown | undefined;
  /** The service, such as `aggregator`; 1 to 100 characters. */
  service: string;
  /** Where it was raised. */
  stackTrace?: string | null | undefined;
}

/** Answer of register and login: the user beside the tokens. */
export type SignedIn = Tokens & {
  /** Who signed in. */
  user: User;
};

/**
 * An endpoint's name within its owner's namespace, such as `weather-model`, or an organization's among all owners:
 * lower case, 3 to 63 of `a-z 0-9 -`, single hyphens, a letter or digit at both ends.
 */
export type Slug = string;

/** A stretch of text, counted in Unicode code points. */
export interface Span {
  /** One past its last character. */
  end: number;
  /** Its first character, from 0. */
  start: number;
}

/** Whether the caller starred an endpoint; after starring, whether that was new. */
export interface Starred {
  /** The answer. */
  starred: boolean;
}

/** Body of the routes with which a site admin switches an organization or a membership off and on. */
export interface Switch {
  /** Whether it shall count; absent or null leaves it. */
  isActive?: boolean | null | undefined;
}

/** Body of `POST /api/v1/endpoints/sync`: everything that the caller publishes. */
export interface SyncRequest {
  /** At most 300. An empty list removes all; the key must be there for that. */
  endpoints: EndpointDraft[];
}

/** Answer of `POST /api/v1/endpoints/sync`. */
export interface SyncResponse {
  /** How many the caller had before. */
  deleted: number;
  /** The endpoints in the order of the catalogue. */
  endpoints: Endpoint[];
  /** How many endpoints the catalogue has. */
  synced: number;
}

/** A label on an endpoint: lower case, 1 to 30 of `a-z 0-9 -`, single hyphens. */
export type Tag = string;

/** How long the phases took, in whole milliseconds. */
export interface Timings {
  /** The model call. */
  generationTimeMs: number;
  /** From the start to the last source. */
  retrievalTimeMs: number;
  /** Everything. */
  totalTimeMs: number;
}

/** The pair of tokens of a session. */
export interface Tokens {
  /** HS256 token for requests to the hub; clients treat it as opaque. */
  accessToken: string;
  /** Token for `POST /api/v1/auth/refresh`. */
  refreshToken: string;
  /** Always `bearer`. */
  tokenType: string;
}

/** Body of `POST /api/v1/accounting/transaction-tokens`. */
export interface TransactionTokenRequest {
  /** Whom the tokens are to pay, 1 to 20 usernames. */
  ownerUsernames: string[];
}

/** Answer of `POST /api/v1/accounting/transaction-tokens`: each owner is in one of the two. */
export interface TransactionTokens {
  /** Why there is none, by owner. */
  errors: Record<string, string>;
  /** The tokens, by owner. Whoever holds one may charge the caller. */
  tokens: Record<string, string>;
}

/**
 * Answer of `GET /api/v1/accounting/trial-balance`: whether the books are right. The lists of what is wrong are empty, or
 * something is broken; each has at most 100.
 */
export interface TrialBalance {
  /** How many accounts there are. */
  accounts: number;
  /** What everybody together may spend. */
  available: number;
  /** What ever came in. */
  deposited: number;
  /** What is set aside for pending transactions. */
  held: number;
  /** Whether all lines sum to zero, every balance is the sum of its lines, and what is there is what came in. */
  isBalanced: boolean;
  /** How many transactions are pending. */
  pending: number;
  /** Accounts whose balance is not the sum of their lines. */
  wrongBalances: string[];
  /** Grants of which another sum is spent than was charged under them. */
  wrongGrants: string[];
  /** Accounts where another sum is set aside than their pending transactions need. */
  wrongHolds: string[];
  /** Transactions and deposits whose lines do not sum to zero. */
  wrongMovements: string[];
}

/** How available an endpoint was. */
export interface Uptime {
  /** Length of a bucket. */
  bucketSeconds: number;
  /** The window in pieces, the oldest first. */
  buckets: UptimeBucket[];
  /** Owner and slug. */
  path: string;
  /** The healthy part of the time in which it was known how the endpoint is, 0 to 1; null when it never was. */
  uptime?: number | null;
  /** How far back it goes. */
  windowHours: number;
}

/** A piece of the window. */
export interface UptimeBucket {
  /** Seconds in which it answered. */
  healthySeconds: number;
  /** RFC 3339, UTC. */
  start: string;
  /** Seconds in which it did not. */
  unhealthySeconds: number;
  /** As in the whole. */
  uptime?: number | null;
}

/** What the model counted. */
export interface Usage {
  /** Tokens of the answer. */
  completionTokens: number;
  /** Tokens of the prompt. */
  promptTokens: number;
  /** Both. */
  totalTokens: number;
}

/** A user as the hub shows it to that user. */
export interface User {
  /** The accounting service linked to the account. */
  accountingServiceUrl?: string | null;
  /** The aggregator the user prefers. */
  aggregatorUrl?: string | null;
  /** Address of a picture. */
  avatarUrl?: string | null;
  /** What the user says of themselves, at most 500 characters. */
  bio?: string | null;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** Where the user's space is reached, exactly as it was stored. */
  domain?: string | null;
  /** Lower case. */
  email: string;
  /** As the user wrote it. */
  fullName: string;
  /** The user's number. */
  id: UserId;
  /** Whether the account is switched on. */
  isActive: boolean;
  /** Whether the public profile shows the e-mail address. */
  isEmailPublic: boolean;
  /** Whether a code that was mailed to the address came back. */
  isEmailVerified: boolean;
  /** When the user last signed in; null when they never did. */
  lastLoginAt?: string | null;
  /** What the user is to the hub. */
  role: Role;
  /** RFC 3339, UTC. */
  updatedAt: string;
  /** Lower case. */
  username: string;
}

/** One aggregator in a user's list. */
export interface UserAggregator {
  /** RFC 3339, UTC. */
  createdAt: string;
  /** Its number. */
  id: AggregatorId;
  /** Whether it is the one to use unless another is named; exactly one of a list that is not empty. */
  isDefault: boolean;
  /** What the user calls it. */
  name: string;
  /** RFC 3339, UTC. */
  updatedAt: string;
  /** Where it is reached. */
  url: string;
  /** Whose list it is in. */
  userId: UserId;
}

/** Answer of `GET /api/v1/users/me/aggregators?format=object`; without the parameter the answer is the bare array. */
export interface UserAggregators {
  /** All of them, in the order of their numbers. */
  aggregators: UserAggregator[];
  /** The default one; null when there are none. */
  defaultAggregatorId?: AggregatorId | null;
}

/** How many accounts there are. */
export interface UserCounts {
  /** Those that are switched on. */
  active: number;
  /** Active ones that run the hub. */
  administrators: number;
  /** Those made within the last 30 days. */
  joinedRecently: number;
  /** Those that signed in within the last 30 days. */
  seenRecently: number;
  /** All of them. */
  total: number;
}

/** A user's number. On the wire a JSON integer; in a token's `sub` its decimal text. */
export type UserId = number;

/** Answer of `GET /api/v1/admin/users`. */
export interface UserPage {
  /** How many a page has at most. */
  limit: number;
  /** How many were left out before this page. */
  skip: number;
  /** How many match on all pages. */
  total: number;
  /** A page of those that match, in the order of their numbers. */
  users: User[];
}

/** A user's name: lower case, 3 to 50 of `a-z 0-9 _ -`, a letter or digit at both ends. */
export type Username = string;

/** Answer of `GET /api/v1/users/check-username/{username}`. */
export interface UsernameAvailability {
  /** Whether nobody has it and nobody may not. */
  available: boolean;
  /** The name in lower case. */
  username: string;
}

/** Answer of `POST /api/v1/verify`: who holds the token, or why it does not count. */
export type Verification = VerifiedSubject | RefusedToken;

/** Who holds a valid token. */
export interface VerifiedSubject {
  /** The service the token is for. */
  aud: string;
  /** The user's address, from the hub's records. */
  email: string;
  /** Expiry in seconds since 1970. */
  exp: number;
  /** Issue in seconds since 1970. */
  iat: number;
  /** The role at the time the token was made. */
  role: string;
  /** The user's number as text, or `guest`. */
  sub: string;
  /** The user's name, from the hub's records. */
  username: string;
  /** Always true. */
  valid: boolean;
}

/** Body of `POST /api/v1/verify`. */
export interface VerifyRequest {
  /** The satellite token to judge. */
  token: string;
}

/** A version of three numbers, such as `0.1.0`; at most 20 characters. */
export type Version = string;

/** Who sees an endpoint. */
export type Visibility = "public" | "internal" | "private";
