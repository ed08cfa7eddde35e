// Made from syfthub-server/space-openapi.json by `make generate`; changes belong there.

/** An account as its owner sees it. */
export interface Account {
  /** RFC 3339, UTC. */
  createdAt: string;
  email: string;
  id: AccountId;
  tenantName: string;
}

/** Somebody who administers a tenant. */
export type AccountId = string;

/** What a model's server offers. */
export interface AvailableModels {
  /** The names of its models. */
  models: string[];
}

/** What is left of an account's money. */
export interface Balance {
  balance: number;
}

/** What to change of a hub. */
export interface Change {
  /** Whether it is used. */
  isActive?: boolean | null | undefined;
  /** `true` makes it the one that is meant when none is named. */
  isDefault?: boolean | null | undefined;
  name?: string | null | undefined;
}

/** An endpoint that uses a dataset or model. */
export interface Connected {
  /** The endpoint. */
  id: EndpointKey;
  /** Its name. */
  name: string;
  /** Its address. */
  slug: string;
}

/** Jobs of a dataset by state. */
export interface Counts {
  /** Files that were taken off the queue. */
  cancelled: number;
  /** Files that are indexed. */
  completed: number;
  /** Files that could not be read. */
  failed: number;
  /** Files that are being read. */
  inProgress: number;
  /** Files that wait. */
  pending: number;
  /** Files that belong to the dataset. */
  totalJobs: number;
}

/** What to sign in with. */
export interface Credentials {
  email: string;
  password: string;
}

/** The dataset behind an endpoint. */
export interface DatasetBehind {
  configuration: Record<string, unknown>;
  dtype: string;
  id: DatasetId;
  name: string;
  summary: string;
}

/** How a dataset is. */
export interface DatasetHealth {
  /** When it was found out; for the owner. */
  checkedAt?: string | null;
  /** `healthy` or `unhealthy`. */
  datasetTypeStatus: string;
  /** The same in a sentence; for the owner, with the reason. */
  message: string;
}

/** A dataset of this space. */
export type DatasetId = string;

/** How far one dataset is. */
export interface DatasetProgress {
  /** Bytes of files per second, likewise. */
  bytesPerSecond: number;
  /** The file read last, as its path inside its folder. */
  currentFile?: string | null;
  /** The dataset's name. */
  datasetName: string;
  /** Files that are indexed. */
  done: number;
  /** Why nothing moves at the moment, such as an index that cannot be written. It goes when work goes on. */
  error?: string | null;
  /** Files that could not be read; their jobs say why. */
  failed: number;
  /** Files per second since the present work began; 0 when nothing is done. */
  filesPerSecond: number;
  /** Whether everything that was seen so far is searchable, and nothing waits except for another try. */
  ready: boolean;
  /** Files that belong to the dataset, as far as they are known. */
  total: number;
}

/** A type of dataset as its registry tells of it. */
export type DatasetTypeInfo = TypeInfo & {
  /** The properties that say how its store is reached. */
  connectionFields: string[];
};

/** What became of a wish. */
export interface Done {
  /** For people. */
  message: string;
  /** `running`, `stopped`, `not_found` or `deleted`. */
  status: string;
}

/** An endpoint as the owner sees it. */
export interface Endpoint {
  /** When it was made. RFC 3339, UTC. */
  createdAt: string;
  /** What it searches. */
  datasetId?: DatasetId | null;
  /** In Markdown; the hub shows it as the readme. */
  description: string;
  /** The endpoint. */
  id: EndpointKey;
  /** Put away: kept, and closed to callers. */
  isArchived: boolean;
  /** How many hubs list it. */
  listed: number;
  /** What answers. */
  modelId?: ModelId | null;
  /** Its name. */
  name: string;
  /** Whether callers may ask it. */
  published: boolean;
  /** `raw`, `summary` or `both`. */
  responseType: ResponseType;
  /** Its address. */
  slug: string;
  /** In one line; the hub shows it as the description. */
  summary: string;
  /** What the model is told before anything else; empty when nothing. */
  systemPrompt: string;
  /** Separated by commas. */
  tags: string;
  /** When it was changed last. RFC 3339, UTC. */
  updatedAt: string;
}

/** An endpoint by itself. */
export type EndpointDetail = EndpointItem & {
  policies: PolicyBehind[];
};

/** An endpoint in a list. */
export type EndpointItem = Endpoint & {
  dataset?: DatasetBehind | null | undefined;
  model?: ModelBehind | null | undefined;
};

/** An endpoint of this space; callers know it by its slug. */
export type EndpointKey = string;

/** What to change of an endpoint; what is not named stays. */
export interface EndpointPatch {
  datasetId?: DatasetId | null | undefined;
  /** At most 50,000 characters. */
  description?: string | null | undefined;
  modelId?: ModelId | null | undefined;
  /** 1 to 100 characters. */
  name?: string | null | undefined;
  /** Whether callers may ask it. */
  published?: boolean | null | undefined;
  responseType?: ResponseType | null | undefined;
  /** At most 500 characters. */
  summary?: string | null | undefined;
  /** At most 20,000 characters. */
  systemPrompt?: string | null | undefined;
  /** Separated by commas. */
  tags?: string | null | undefined;
}

/** One change, as it is kept. */
export interface Event {
  /** What was done, as `subject.verb`, such as `endpoint.create`. */
  action: string;
  /** Who did it: `account:ID`, `admin-key` or `program`. */
  actor: string;
  /** When. RFC 3339, UTC. */
  at: string;
  /** The request that caused it. */
  correlationId: string;
  /** What else matters; never a secret. */
  detail: unknown;
  /** Its place in the trace; later ones have greater numbers. */
  id: number;
  /** What it was done to, as `kind:id`. */
  subject: string;
}

/** A folder and what is in it. */
export interface Folder {
  /** Folders first, then by name. */
  items: Item[];
  /** The folder around it, while that may be shown too. */
  parent?: string | null;
  path: string;
}

/** What would happen to a question of somebody. */
export interface Forecast {
  /** Whether they would be let in, at least until a limit or the lack of money stops them. */
  allowed: boolean;
  /** What a question would cost them. */
  cost: number;
  /** Whose question. */
  email: string;
  /** The endpoint's address. */
  endpoint: string;
  /** `success`, `access_denied`, or `policy_violation` when a policy cannot be read. */
  outcome: string;
  /** What each policy says, in the order of the phases. */
  policies: Opinion[];
}

/** A file or folder. */
export interface Item {
  /** Of a file, with its dot. */
  extension?: string | null;
  isDir: boolean;
  /** RFC 3339, UTC. */
  modified?: string | null;
  name: string;
  path: string;
  /** Bytes, of a file. */
  size?: number | null;
}

/** One file's job. */
export interface Job {
  /** Passages that are searchable of it. */
  chunks: number;
  /** When work on it ended. */
  completedAt?: string | null;
  /** When the file was first seen. */
  createdAt: string;
  /** What went wrong at the last try. */
  errorMessage?: string | null;
  /** The file's path inside its folder. */
  fileName: string;
  /** The file's absolute path. */
  filePath: string;
  /** Bytes. */
  fileSize: number;
  /** The job. */
  id: string;
  /** When it is tried again by itself. */
  nextAttemptAt?: string | null;
  /** How often it failed. */
  retryCount: number;
  /** When work on it began. */
  startedAt?: string | null;
  /** `pending`, `in_progress`, `completed`, `failed` or `cancelled`. */
  status: string;
}

/** A page of jobs. */
export interface Jobs {
  jobs: Job[];
  limit: number;
  offset: number;
  total: number;
}

/** What of a model's configuration is known yet. */
export interface Known {
  /** Such as `base_url` and `api_key`. */
  configuration: Record<string, unknown>;
}

/** What listing or unlisting did at one hub. */
export interface Listing {
  /** Why it was not. */
  error?: string | null;
  /** The hub. */
  marketplaceId: MarketplaceId;
  /** Its name. */
  marketplaceName: string;
  /** What was done. */
  message?: string | null;
  /** Whether it was done. */
  success: boolean;
}

/** How an endpoint stands at one hub. */
export interface ListingState {
  /** Why it is not done yet. */
  error?: string | null;
  /** The hub. */
  marketplaceId: MarketplaceId;
  /** Its name. */
  marketplaceName: string;
  /** `pending` while that is being done, `listed`, or `failed` when the hub refused and only a change will help. */
  state: string;
  /** Since when it stands so. RFC 3339, UTC. */
  updatedAt: string;
  /** Whether it shall be listed there, or taken off. */
  wanted: boolean;
}

/** A hub as the owner sees it; never its password. */
export interface Marketplace {
  /** When it was connected. RFC 3339, UTC. */
  createdAt: string;
  /** Its address. */
  email: string;
  /** The connection. */
  id: MarketplaceId;
  /** Whether it is used. */
  isActive: boolean;
  /** Whether it is the one to use when none is named. */
  isDefault: boolean;
  /** The hub's host, unless named otherwise. */
  name: string;
  /** The organization that this space publishes for there; null for the account itself. */
  organization?: string | null;
  /** When that was changed last. RFC 3339, UTC. */
  updatedAt: string;
  /** Where it is. */
  url: string;
  /** The account of this space's owner. */
  username: string;
}

/** A hub that this space is connected to. */
export type MarketplaceId = string;

/** Says in one sentence what was done. */
export interface Message {
  message: string;
}

/** The model behind an endpoint. */
export interface ModelBehind {
  configuration: Record<string, unknown>;
  dtype: string;
  id: ModelId;
  name: string;
}

/** How a model is. */
export interface ModelHealth {
  /** When it was found out; for the owner. */
  checkedAt?: string | null;
  /** The same in a sentence; for the owner, with the reason. */
  message: string;
  /** `healthy` or `unhealthy`. */
  status: string;
}

/** A model of this space. */
export type ModelId = string;

/** A file that would be shared. */
export interface NamedFile {
  /** Its path inside its folder. */
  fileName: string;
  /** Bytes. */
  fileSize: number;
}

/** An account to be made. */
export interface NewAccount {
  /** What its owner signs in with. */
  email: string;
  /** At least as long as `SPACE_PASSWORD_MIN_LENGTH`, with a letter and a digit. */
  password: string;
  /** Lets the first account in: it stands in the state directory as `setup.token` until there is one. */
  setupToken?: string | null | undefined;
  /** The tenant it administers. */
  tenantName: string;
}

/** An endpoint to be made. */
export interface NewEndpoint {
  /** What it searches. */
  datasetId?: DatasetId | null | undefined;
  /** In Markdown, at most 50,000 characters. */
  description: string;
  /** What answers. */
  modelId?: ModelId | null | undefined;
  /** Its name, 1 to 100 characters. */
  name: string;
  /** Whether callers may ask it at once. */
  published: boolean;
  /** What it answers with. */
  responseType: ResponseType;
  /** Its address, by the hub's rules: 3 to 63 lower-case letters, digits and single hyphens. */
  slug: string;
  /** In one line, at most 500 characters. */
  summary: string;
  /** What the model is told before anything else, at most 20,000 characters. */
  systemPrompt: string;
  /** Separated by commas. */
  tags: string;
}

/** A dataset or model to be made. */
export interface NewPart {
  /** Its settings. */
  configuration: Record<string, unknown>;
  /** Its type. */
  dtype: string;
  /** Its name, 1 to 100 characters, unique among the tenant's. */
  name: string;
  /** For people. */
  summary: string;
  /** Separated by commas. */
  tags: string;
}

/** A policy to be made. */
export interface NewPolicy {
  /** Its settings. */
  configuration: Record<string, unknown>;
  /** The endpoint that it guards. */
  endpointId: EndpointKey;
  /** Its name, 1 to 100 characters, unique at its endpoint. */
  name: string;
  /** Its type. */
  policyType: string;
}

/** A tenant to be made. */
export interface NewTenant {
  /** For people, 1 to 100 characters. */
  displayName: string;
  /** A host name, at most 255 characters. */
  domain?: string | null | undefined;
  /** An object of your own. */
  meta: Record<string, unknown>;
  /** Like a slug: 3 to 63 lower-case letters, digits and single hyphens. */
  name: string;
}

/** What one policy says. */
export interface Opinion {
  /** Why, with the pattern that decided. */
  detail: string;
  /** `allows`, `denies`, `applies` or `skipped`. */
  effect: string;
  /** Its name. */
  name: string;
  /** The policy. */
  policyId: PolicyId;
  /** Its type. */
  policyType: string;
}

/** A dataset or model as the owner sees it. Secrets are masked. */
export interface Part {
  /** Its settings, written out in full. */
  configuration: Record<string, unknown>;
  /** The endpoints that use it. */
  connectedEndpoints: Connected[];
  /** When it was made. RFC 3339, UTC. */
  createdAt: string;
  /** Its type. */
  dtype: string;
  /** The part. */
  id: ModelId;
  /** Its name, unique among the tenant's. */
  name: string;
  /** For people. */
  summary: string;
  /** Separated by commas. */
  tags: string;
  /** When it was changed last. RFC 3339, UTC. */
  updatedAt: string;
}

/** What to change of a dataset or model; what is not named stays. */
export interface PartPatch {
  /**
   * Laid over the configuration that is there, property by property: `null` takes one away, and the mask of a secret
   * leaves it as it is.
   */
  configuration?: Record<string, unknown> | null | undefined;
  /** 1 to 100 characters. */
  name?: string | null | undefined;
  /** At most 500 characters. */
  summary?: string | null | undefined;
  /** Separated by commas. */
  tags?: string | null | undefined;
}

/** A dataset that might be made. */
export interface Planned {
  /** Its configuration, as for a new dataset. */
  configuration: Record<string, unknown>;
  /** The type; `local_file` unless given. */
  dtype: string;
}

/** A policy as the owner sees it. */
export interface Policy {
  /** Its settings, written out in full. */
  configuration: Record<string, unknown>;
  /** When it was made. */
  createdAt: string;
  /** The endpoint that it guards. */
  endpointId: EndpointKey;
  /** The policy. */
  id: PolicyId;
  /** Its name, unique at its endpoint. */
  name: string;
  /** Its type. */
  policyType: string;
  /** When it was changed last. */
  updatedAt: string;
  /** What is probably a mistake in it, beside the endpoint's other policies. */
  warnings: string[];
}

/** A policy that guards an endpoint. */
export interface PolicyBehind {
  configuration: Record<string, unknown>;
  id: PolicyId;
  name: string;
  policyType: string;
}

/** A policy of an endpoint. */
export type PolicyId = string;

/** A policy in a list. */
export interface PolicyItem {
  createdAt: string;
  endpointId: EndpointKey;
  id: PolicyId;
  name: string;
  policyType: string;
}

/**
 * A change of a policy: another name, and settings that replace those of the same name. A setting that is null returns to
 * its default.
 */
export interface PolicyPatch {
  /** The settings to change. */
  configuration?: Record<string, unknown> | null | undefined;
  /** 1 to 100 characters. */
  name?: string | null | undefined;
}

/** The files that a dataset would share. */
export interface Preview {
  /** Their bytes together. */
  bytes: number;
  /** How many there are. */
  files: number;
  /** The first hundred, in no particular order. */
  first: NamedFile[];
  /** The same for each extension. */
  types: Record<string, Share>;
}

/** A store and what it does. */
export interface ProvisionerInfo {
  /** What was found now. */
  actualStatus?: Status | null;
  /** How many datasets are kept in it. */
  datasetCount: number;
  /** The type of dataset. */
  dtype: string;
  /** Why it does not run. */
  error?: string | null;
  /** Stays the same for a type. */
  id: string;
  /** When it began to answer. */
  startedAt?: string | null;
  /** What was started, and where. */
  state: Record<string, unknown>;
  /** What the space knows of it. */
  status: Status;
  /** When it ended. */
  stoppedAt?: string | null;
}

/** How the space is reached without an address of its own. */
export interface Proxy {
  /** Whether callers get through now. */
  connected: boolean;
  /** What went wrong last, while it is not connected. */
  error?: string | null;
  /** Whether there is a token of ngrok's, which is then used. */
  hasToken: boolean;
  /** Where; the address at the default hub. */
  publicUrl?: string | null;
}

/** Where callers are to reach the space. */
export interface PublicUrl {
  publicUrl: string;
}

/** What publishing did, hub by hub. */
export interface Published {
  endpointSlug: string;
  results: Listing[];
}

/** A recorded decision as the owner sees it. */
export interface Recorded {
  /** When the question ended. */
  at: string;
  /** The network address that asked: the hub's aggregator, or the caller. */
  client: string;
  /** Follows the question through logs, answers and other servers. */
  correlationId: string;
  /** What the caller was charged, in the accounting service's unit. */
  cost: number;
  /** What only the owner is told, such as the pattern that matched. */
  detail: string;
  /** From the first byte to the last, in milliseconds. */
  durationMs: number;
  /** The caller's e-mail address, where a policy needed it. */
  email?: string | null;
  /** The endpoint, which may be gone by now. */
  endpointId: EndpointKey;
  /** Its address at that time. */
  endpointSlug: string;
  /** Its place in the log. */
  id: number;
  /** The hub that vouched for the caller. */
  issuer: string;
  /** How it ended. */
  outcome: string;
  /** The policy that decided. */
  policyId?: PolicyId | null;
  /** That policy's type. */
  policyType?: string | null;
  /** What the caller was told. */
  reasonCode?: string | null;
  /** The status of the answer. */
  status: number;
  /** The caller's number at that hub, or `guest`. */
  subject: string;
}

/** An account to be made at a hub. */
export interface Registrant {
  /** The password of the account there, when it exists already. */
  accountingPassword?: string | null | undefined;
  /** The accounting service to link, when it is not the hub's default one. */
  accountingUrl?: string | null | undefined;
  email: string;
  /** What the hub is to be called here; its host unless given. */
  name?: string | null | undefined;
  password: string;
  /** The default hub's unless given. */
  url?: string | null | undefined;
  username: string;
}

/** A password to be replaced. */
export interface Replacement {
  currentPassword: string;
  newPassword: string;
}

/** What an endpoint answers with. */
export type ResponseType = "raw" | "summary" | "both";

/** The files of one extension. */
export interface Share {
  /** Their bytes together. */
  bytes: number;
  /** How many there are. */
  files: number;
}

/** A session that has begun. */
export interface SignedIn {
  /** To be sent as `Authorization: Bearer`. */
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  /** Always `bearer`. */
  tokenType: string;
}

/** Whether a slug can be had. */
export interface SlugAnswer {
  /** Whether it follows the hubs' rules, is not reserved there, and is free here. */
  localAvailable: boolean;
  /** Whether each hub would list it; null for a hub that could not be asked. */
  marketplaces?: SlugAtHub[] | null;
  slug: string;
}

/** Whether a hub would list it. */
export interface SlugAtHub {
  available?: boolean | null;
  error?: string | null;
  marketplaceId: MarketplaceId;
}

/** A slug, and the hubs to ask about it. */
export interface SlugQuestion {
  /** All hubs instead. */
  checkAllMarketplaces: boolean;
  /** The hubs to ask; none unless given. */
  marketplaceIds?: MarketplaceId[] | null | undefined;
  slug: string;
}

/** What a provisioned store does. */
export type Status = "stopped" | "starting" | "running" | "stopping" | "error";

/** Where to list an endpoint. */
export interface Targets {
  /** The hubs to list it at. */
  marketplaceIds: MarketplaceId[];
  /** All hubs instead. */
  publishToAllMarketplaces: boolean;
}

/** A tenant as those who run the node see it. */
export interface Tenant {
  /** When it was made. RFC 3339, UTC. */
  createdAt: string;
  /** For people. */
  displayName: string;
  /** A host name that stands for it; informative. */
  domain?: string | null;
  /** The tenant. */
  id: TenantId;
  /** Whether it can be used. */
  isActive: boolean;
  /** Whatever those who run the node want to keep about it. */
  meta: Record<string, unknown>;
  /** What requests call it, like a slug. */
  name: string;
  /** When it was changed last. RFC 3339, UTC. */
  updatedAt: string;
}

/** A tenant of this space: an owner of datasets, models and endpoints of their own. */
export type TenantId = string;

/** What to change of a tenant; what is not named stays. */
export interface TenantPatch {
  displayName?: string | null | undefined;
  domain?: string | null | undefined;
  isActive?: boolean | null | undefined;
  meta?: Record<string, unknown> | null | undefined;
}

/** How the space is to be reached without an address of its own. */
export interface Token {
  /** A token of ngrok's; without one, the hubs' own tunnels are used. */
  token?: string | null | undefined;
}

/** One event of the stream, called `progress`. */
export type Told = DatasetProgress & {
  datasetId: DatasetId;
  /** Files that are indexed or failed, of those that are known, 0 to 100. */
  percent: number;
};

/** A type of dataset, model or policy, and how it is configured. */
export interface TypeInfo {
  /** JSON Schema 2020-12 of the configuration; secrets are `writeOnly`. */
  configSchema: Record<string, unknown>;
  /** For people. */
  description: string;
  /** Whether it can be used here. */
  enabled: boolean;
  /** One emoji. */
  icon: string;
  /** The name that `dtype` takes. */
  name: string;
}

/** How a store shall be started. */
export interface Wish {
  /** Such as `httpPort`, which is taken when it is free. */
  wish: Record<string, unknown>;
}
