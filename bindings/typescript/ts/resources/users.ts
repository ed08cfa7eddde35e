import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type {
  AccountPatch,
  AccountingCredentials,
  EmailAvailability,
  Heartbeat,
  HeartbeatReceipt,
  ProfilePatch,
  PublicProfile,
  Role,
  User,
  UsernameAvailability,
} from '../types/wire';

/** Which users to list. */
export interface UsersOptions extends ListOptions {
  /** Only those with this in their name, username or address. */
  readonly search?: string | undefined;
  /** Only those who are this to the hub. */
  readonly role?: Role | undefined;
  /** Only those whose accounts are switched on, or off. */
  readonly isActive?: boolean | undefined;
}

/** Profiles, and accounts for administrators; from {@link SyftHubClient.users}. */
export class Users {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Changes the signed-in user's profile. What is absent stays, and null clears. */
  async update(patch: ProfilePatch, options?: CallOptions): Promise<User> {
    return this.#calls.call('users.update', { body: patch }, options);
  }

  /** Whether a username is free. */
  async checkUsername(username: string, options?: CallOptions): Promise<UsernameAvailability> {
    return this.#calls.call('users.check_username', { username }, options);
  }

  /** Whether an e-mail address is free. */
  async checkEmail(email: string, options?: CallOptions): Promise<EmailAvailability> {
    return this.#calls.call('users.check_email', { email }, options);
  }

  /** What the signed-in user's programs sign in with at the accounting service. */
  async accounting(options?: CallOptions): Promise<AccountingCredentials> {
    return this.#calls.call('users.accounting', {}, options);
  }

  /** Tells the hub that the signed-in user's space is alive. */
  async heartbeat(heartbeat: Heartbeat, options?: CallOptions): Promise<HeartbeatReceipt> {
    return this.#calls.call('users.heartbeat', { body: heartbeat }, options);
  }

  /** A user as everybody may see them. */
  async profile(username: string, options?: CallOptions): Promise<PublicProfile> {
    return this.#calls.call('users.profile', { username }, options);
  }

  /** All users in the order of their numbers, for administrators. */
  list(options?: UsersOptions): List<User> {
    return this.#calls.list('users.list', options);
  }

  /** Switches an account on again, for administrators. */
  async activate(id: number, options?: CallOptions): Promise<User> {
    return this.#calls.call('users.activate', { user: id }, options);
  }

  /** Switches an account off, which users can do with their own. */
  async deactivate(id: number, options?: CallOptions): Promise<User> {
    return this.#calls.call('users.deactivate', { user: id }, options);
  }

  /** A user, for themselves and for administrators. */
  async get(id: number, options?: CallOptions): Promise<User> {
    return this.#calls.call('users.get', { user: id }, options);
  }

  /** Changes a user's profile and, for administrators, their role and whether the account is switched on. */
  async updateAccount(id: number, patch: AccountPatch, options?: CallOptions): Promise<User> {
    return this.#calls.call('users.update_account', { user: id, body: patch }, options);
  }

  /** Deletes an account with everything that is only the user's. */
  async delete(id: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('users.delete', { user: id }, options);
  }

  /**
   * The token that opens a tunnel over NATS, at hubs that have such.
   *
   * @throws {ServerError} at a hub that has none.
   */
  async natsToken(options?: CallOptions): Promise<string> {
    const told = await this.#calls.call<{ nats_auth_token: string }>('users.nats_credentials', {}, options);
    return told.nats_auth_token;
  }
}
