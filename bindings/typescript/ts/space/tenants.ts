import type { CallOptions, Calls } from '../calls';
import type { AccountDraft, TenantDraft } from './drafts';
import type { Account, SignedIn, Tenant, TenantPatch } from './wire';

/** Who shares the space; from {@link SpaceClient.tenants}. */
export class Tenants {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All tenants. */
  async list(options?: CallOptions): Promise<Tenant[]> {
    return this.#calls.call('tenants.list', {}, options);
  }

  /** The tenant of this name. */
  async get(name: string, options?: CallOptions): Promise<Tenant> {
    return this.#calls.call('tenants.get', { tenant: name }, options);
  }

  /**
   * Makes a tenant, in a space that has several.
   *
   * @throws {AuthorizationError} when the space has one tenant only.
   * @throws {ConflictError} when the name is taken.
   */
  async create(draft: TenantDraft, options?: CallOptions): Promise<Tenant> {
    return this.#calls.call('tenants.create', { body: draft }, options);
  }

  /** Changes a tenant, or switches it off: nothing of it answers then. */
  async update(name: string, patch: TenantPatch, options?: CallOptions): Promise<Tenant> {
    return this.#calls.call('tenants.update', { tenant: name, body: patch }, options);
  }
}

/** The accounts that act for tenants; from {@link SpaceClient.accounts}. */
export class Accounts {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Makes an account of a tenant. The first one of a space takes its setup token where no key is given; later ones need the
   * admin key, or somebody signed in to an account of the same tenant.
   */
  async register(draft: AccountDraft, options?: CallOptions): Promise<Account> {
    return this.#calls.call('accounts.register', draft, options);
  }

  /** Signs in to an account. The token goes where the admin key goes. */
  async login(login: { email: string; password: string }, options?: CallOptions): Promise<SignedIn> {
    return this.#calls.call('accounts.login', login, options);
  }

  /** Replaces the password of the account whose token is the key. Every session ends; the answer begins a new one. */
  async changePassword(
    change: { currentPassword: string; newPassword: string },
    options?: CallOptions,
  ): Promise<SignedIn> {
    return this.#calls.call('accounts.change_password', change, options);
  }
}
