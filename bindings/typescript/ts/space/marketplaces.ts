import type { CallOptions, Calls } from '../calls';
import type { HubAccount, HubAccountDraft } from './drafts';
import type { Balance, Change, Marketplace, Message } from './wire';

/** What becomes of the rest when a hub is removed. */
export interface HubRemovalOptions extends CallOptions {
  /** The hub that becomes the default one, when the removed one is it. */
  readonly default?: string | undefined;
  /** Also when the hub does not take everything off now. */
  readonly force?: boolean | undefined;
}

/** The hubs that the space is connected to; from {@link SpaceClient.marketplaces}. */
export class Marketplaces {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All connected hubs, the default one first. */
  async list(options?: CallOptions): Promise<Marketplace[]> {
    return this.#calls.call('marketplaces.list', {}, options);
  }

  /** The connected hub with this id. */
  async get(id: string, options?: CallOptions): Promise<Marketplace> {
    return this.#calls.call('marketplaces.get', { marketplace: id }, options);
  }

  /**
   * Signs the space in at a hub with an account there, or gives a connected hub another account.
   *
   * @throws {AuthenticationError} when the hub refuses the password.
   */
  async connect(account: HubAccount, options?: CallOptions): Promise<Marketplace> {
    return this.#calls.call('marketplaces.connect', account, options);
  }

  /**
   * Makes an account at a hub and signs the space in with it.
   *
   * @throws {ConflictError} when the name or the address is taken.
   */
  async register(draft: HubAccountDraft, options?: CallOptions): Promise<Marketplace> {
    return this.#calls.call('marketplaces.register', draft, options);
  }

  /** Whether nobody at a hub goes by this name yet; at the default one unless `url` names another. */
  async checkUsername(username: string, options: CallOptions & { url?: string } = {}): Promise<boolean> {
    return this.#calls.call('marketplaces.check_username', { username, url: options.url }, options);
  }

  /** What is left of the account's money, by the default hub's accounting. */
  async balance(options?: CallOptions): Promise<Balance> {
    return this.#calls.call('marketplaces.balance', {}, options);
  }

  /** Renames a hub, switches it on or off, or makes it the default one. */
  async update(id: string, patch: Change, options?: CallOptions): Promise<Marketplace> {
    return this.#calls.call('marketplaces.update', { marketplace: id, body: patch }, options);
  }

  /** Takes everything off a hub that the space listed there, and disconnects from it. */
  async delete(id: string, { signal, ...rest }: HubRemovalOptions = {}): Promise<Message> {
    return this.#calls.call('marketplaces.delete', { marketplace: id, ...rest }, { signal });
  }
}
