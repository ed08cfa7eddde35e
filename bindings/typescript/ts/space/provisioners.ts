import type { CallOptions, Calls } from '../calls';
import type { Done, ProvisionerInfo } from './wire';

/** The databases that the space runs itself, by the type of their datasets; from {@link SpaceClient.provisioners}. */
export class Provisioners {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All of them. */
  async list(options?: CallOptions): Promise<ProvisionerInfo[]> {
    return this.#calls.call('provisioners.list', {}, options);
  }

  /** The one of a type, with what it does in truth. */
  async status(dtype: string, options?: CallOptions): Promise<ProvisionerInfo> {
    return this.#calls.call('provisioners.status', { dtype }, options);
  }

  /** Starts the one of a type and waits until it answers; the configuration says how, such as `httpPort`. */
  async start(dtype: string, configuration: Record<string, unknown> = {}, options?: CallOptions): Promise<Done> {
    return this.#calls.call('provisioners.start', { dtype, configuration }, options);
  }

  /** Stops the one of a type; what it keeps stays. */
  async stop(dtype: string, options?: CallOptions): Promise<Done> {
    return this.#calls.call('provisioners.stop', { dtype }, options);
  }

  /**
   * Removes the one of a type with everything it keeps.
   *
   * @throws {ConflictError} when datasets are kept in it.
   */
  async delete(dtype: string, options?: CallOptions): Promise<Done> {
    return this.#calls.call('provisioners.delete', { dtype }, options);
  }
}
