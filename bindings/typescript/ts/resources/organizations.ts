import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type {
  AccountingCredentials,
  Heartbeat,
  HeartbeatReceipt,
  Member,
  Organization,
  OrganizationDraft,
  OrganizationPatch,
  OrgRole,
  Switch,
} from '../types/wire';

/** Which memberships to list. */
export interface RoleOptions extends ListOptions {
  /** Only those with this role. */
  readonly role?: OrgRole | undefined;
}

/** Organizations and their members; from {@link SyftHubClient.organizations}. */
export class Organizations {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Founds an organization, whose owner the signed-in user becomes. */
  async create(draft: OrganizationDraft, options?: CallOptions): Promise<Organization> {
    return this.#calls.call('organizations.create', { body: draft }, options);
  }

  /** The organizations of which the signed-in user is a member, latest edit first. */
  list(options?: RoleOptions): List<Organization> {
    return this.#calls.list('organizations.list', options);
  }

  /** The organization with this number, for its members. */
  async get(id: number, options?: CallOptions): Promise<Organization> {
    return this.#calls.call('organizations.get', { organization: id }, options);
  }

  /** Changes the profile. What is absent stays, and null clears an address. */
  async update(id: number, patch: OrganizationPatch, options?: CallOptions): Promise<Organization> {
    return this.#calls.call('organizations.update', { organization: id, body: patch }, options);
  }

  /** Deletes an organization with all that it owns. Its slug stays reserved. */
  async delete(id: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('organizations.delete', { organization: id }, options);
  }

  /** The members, latest first. */
  members(id: number, options?: RoleOptions): List<Member> {
    return this.#calls.list('organizations.members', { ...options, organization: id });
  }

  /** Takes a user in; as a member unless another role is given. */
  async addMember(id: number, userId: number, role?: OrgRole, options?: CallOptions): Promise<Member> {
    return this.#calls.call('organizations.add_member', { organization: id, user: userId, role }, options);
  }

  /** Gives a member another role. */
  async setRole(id: number, userId: number, role: OrgRole, options?: CallOptions): Promise<Member> {
    return this.#calls.call('organizations.set_role', { organization: id, user: userId, role }, options);
  }

  /**
   * Removes a member. With one's own number one leaves.
   *
   * @throws {ValidationError} when nobody would be left who owns the organization.
   */
  async removeMember(id: number, userId: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('organizations.remove_member', { organization: id, user: userId }, options);
  }

  /** Tells the hub that the organization's space is alive. */
  async heartbeat(id: number, heartbeat: Heartbeat, options?: CallOptions): Promise<HeartbeatReceipt> {
    return this.#calls.call('organizations.heartbeat', { organization: id, body: heartbeat }, options);
  }

  /** Switches an organization off or on again, for administrators of the hub. */
  async administer(id: number, change: Switch, options?: CallOptions): Promise<Organization> {
    return this.#calls.call('organizations.administer', { organization: id, body: change }, options);
  }

  /** Switches a membership off or on again, for administrators of the hub. */
  async administerMember(id: number, userId: number, change: Switch, options?: CallOptions): Promise<Member> {
    const args = { organization: id, user: userId, body: change };
    return this.#calls.call('organizations.administer_member', args, options);
  }

  /** What the organization's programs sign in with at the hub's ledger. */
  async accounting(id: number, options?: CallOptions): Promise<AccountingCredentials> {
    return this.#calls.call('organizations.accounting', { organization: id }, options);
  }
}
