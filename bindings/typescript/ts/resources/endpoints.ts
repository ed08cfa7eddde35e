import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { Endpoint, EndpointAdminPatch, EndpointPatch, HealthReceipt, HealthReport, Uptime } from '../types/wire';

/** An event of an endpoint that answers in events. */
export interface EndpointEvent {
  /** What kind it is, in the endpoint's own words. */
  event: string;
  /** What it says, as text. */
  data: string;
}

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

  /** Sets what only administrators of the hub may. What is absent stays. */
  async administer(id: number, patch: EndpointAdminPatch, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.administer', { endpoint: id, body: patch }, options);
  }

  /** Calls the endpoint at `owner/slug` through the hub with `body` as it is, and gives its answer as it is. */
  async query(path: string, body: unknown, options?: CallOptions): Promise<unknown> {
    return this.#calls.call('endpoints.query', { path, body }, options);
  }

  /** The same for an endpoint that answers in events, as they come. */
  queryStream(path: string, body: unknown, options?: CallOptions): Reader<EndpointEvent> {
    return this.#calls.events('endpoints.query_stream', { path, body }, options);
  }

  /** For how much of the last hours, a day's unless given, the endpoint at `owner/slug` answered. */
  async uptime(
    path: string,
    { windowHours, signal }: CallOptions & { readonly windowHours?: number | undefined } = {},
  ): Promise<Uptime> {
    return this.#calls.call('endpoints.uptime', { path, windowHours }, { signal });
  }

  /** Tells the hub how the signed-in user's endpoints are. */
  async reportHealth(report: HealthReport, options?: CallOptions): Promise<HealthReceipt> {
    return this.#calls.call('endpoints.report_health', { body: report }, options);
  }
}
