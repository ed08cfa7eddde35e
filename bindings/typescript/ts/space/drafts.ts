import type { NewEndpoint, NewPart, NewPolicy, NewTenant } from './wire';

/** What must be said, while all else has a default. */
type Needs<Whole, Named extends keyof Whole> = Pick<Whole, Named> & Partial<Whole>;

/** A dataset or model to be made. */
export type PartDraft = Needs<NewPart, 'name' | 'dtype'>;

/** An endpoint to be made, over a dataset, a model, or both. */
export type EndpointDraft = Needs<NewEndpoint, 'name' | 'slug'>;

/** A policy to be made. */
export type PolicyDraft = Needs<NewPolicy, 'name' | 'policyType' | 'endpointId'>;

/** A tenant to be made. */
export type TenantDraft = Needs<NewTenant, 'name' | 'displayName'>;

/** An account that exists at a hub. */
export interface HubAccount {
  /** The account's name or address. */
  readonly username: string;
  readonly password: string;
  /** The hub; the one that is meant when none is named unless given. */
  readonly url?: string | undefined;
  /** An organization to publish for, instead of the account itself. */
  readonly organization?: string | undefined;
}

/** An account to be made at a hub. */
export interface HubAccountDraft {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** The hub; the one that is meant when none is named unless given. */
  readonly url?: string | undefined;
  /** What the hub is to be called here; its host unless given. */
  readonly name?: string | undefined;
  /** The accounting service to link, when it is not the hub's default one. */
  readonly accountingUrl?: string | undefined;
  /** The password of the account there, when it exists already. */
  readonly accountingPassword?: string | undefined;
}

/** An account that is to act for a tenant. */
export interface AccountDraft {
  /** What its owner signs in with. */
  readonly email: string;
  /** With a letter and a digit, and as long as the space wants it. */
  readonly password: string;
  /** The tenant; the one that is always there unless given. */
  readonly tenant?: string | undefined;
  /** Lets the first account in: it stands in the space's folder as `setup.token` until there is one. */
  readonly setupToken?: string | undefined;
}
