import type { CallOptions, Calls } from '../calls';
import type { Overview, UserPage } from '../types/wire';

/** Which users to find. */
export interface FindUsersOptions extends CallOptions {
  /** Only those with this in their name, username or address. */
  readonly search?: string | undefined;
  /** How many of the first to leave out. */
  readonly skip?: number | undefined;
  /** The most to give, 1 to 100; 20 unless given. */
  readonly limit?: number | undefined;
}

/** The whole hub, for its administrators; from {@link SyftHubClient.admin}. */
export class Admin {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** How much the hub holds. */
  async overview(options?: CallOptions): Promise<Overview> {
    return this.#calls.call('admin.overview', {}, options);
  }

  /** A page of users, and how many there are on all pages. */
  async users({ signal, ...filter }: FindUsersOptions = {}): Promise<UserPage> {
    return this.#calls.call('admin.users', filter, { signal });
  }
}
