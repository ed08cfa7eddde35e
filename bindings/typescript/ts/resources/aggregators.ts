import type { CallOptions, Calls } from '../calls';
import type { AggregatorDraft, AggregatorPatch, UserAggregator } from '../types/wire';

/** The aggregators that the signed-in user keeps; from {@link SyftHubClient.aggregators}. */
export class Aggregators {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All of them, in the order in which they were added. */
  async list(options?: CallOptions): Promise<UserAggregator[]> {
    return this.#calls.call('aggregators.list', {}, options);
  }

  /** The one with this number. */
  async get(id: number, options?: CallOptions): Promise<UserAggregator> {
    return this.#calls.call('aggregators.get', { aggregator: id }, options);
  }

  /** Adds one. The first becomes the default. */
  async create(draft: AggregatorDraft, options?: CallOptions): Promise<UserAggregator> {
    return this.#calls.call('aggregators.create', { body: draft }, options);
  }

  /** Changes it. What is absent stays. */
  async update(id: number, patch: AggregatorPatch, options?: CallOptions): Promise<UserAggregator> {
    return this.#calls.call('aggregators.update', { aggregator: id, body: patch }, options);
  }

  /** Removes it. When it was the default, the oldest of the rest becomes it. */
  async delete(id: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('aggregators.delete', { aggregator: id }, options);
  }

  /** Makes it the default instead of the one so far. */
  async setDefault(id: number, options?: CallOptions): Promise<UserAggregator> {
    return this.#calls.call('aggregators.set_default', { aggregator: id }, options);
  }
}
