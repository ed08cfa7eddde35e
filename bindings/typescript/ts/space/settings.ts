import type { CallOptions, Calls } from '../calls';
import type { Proxy } from './wire';

/** Where callers reach the space, once there is such a place. */
export interface Reached {
  publicUrl: string | null;
}

/** Where the space is reached; from {@link SpaceClient.settings}. */
export class Settings {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Where callers reach the space. */
  async publicUrl(options?: CallOptions): Promise<Reached> {
    return this.#calls.call('settings.public_url', {}, options);
  }

  /** Says where callers reach the space, once every connected hub knows it. */
  async setPublicUrl(url: string, options?: CallOptions): Promise<Reached> {
    return this.#calls.call('settings.set_public_url', { url }, options);
  }

  /** How the space is reached without an address of its own. */
  async proxy(options?: CallOptions): Promise<Proxy> {
    return this.#calls.call('settings.proxy', {}, options);
  }

  /** Has the space reached through its hubs, or with a token through an agent of ngrok's. */
  async openProxy(options: CallOptions & { token?: string } = {}): Promise<Proxy> {
    return this.#calls.call('settings.open_proxy', { token: options.token }, options);
  }

  /** Has the space reached that way no more, and tells the hubs that it is nowhere for now. */
  async closeProxy(options?: CallOptions): Promise<Proxy> {
    return this.#calls.call('settings.close_proxy', {}, options);
  }
}
