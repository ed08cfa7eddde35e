import type { CallOptions, Calls } from '../calls';
import type { Endpoint, EndpointPatch, HealthReceipt, HealthReport } from '../types/wire';

/** Endpoints by their numbers, and how they are; from {@link SyftHubClient.endpoints}. */
export class Endpoints {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * The endpoint with this number, as its owner sees it.
   *
   * @throws {NotFoundError} when there is none that the caller may see.
   */
  async get(id: number, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.get', { endpoint: id }, options);
  }

  /** Changes the endpoint with this number. What is absent stays; lists are replaced whole. */
  async update(id: number, patch: EndpointPatch, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.update', { endpoint: id, body: patch }, options);
  }

  /** Removes the endpoint with this number; its slug is free again. */
  async delete(id: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('endpoints.delete', { endpoint: id }, options);
  }

  /** Tells the hub how the signed-in user's endpoints are. */
  async reportHealth(report: HealthReport, options?: CallOptions): Promise<HealthReceipt> {
    return this.#calls.call('endpoints.report_health', { body: report }, options);
  }
}
