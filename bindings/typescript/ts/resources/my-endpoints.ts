import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type { Endpoint, EndpointDraft, EndpointPatch, SyncResponse, Visibility } from '../types/wire';

/** Which of one's own endpoints to list. */
export interface MyEndpointsOptions extends ListOptions {
  /** Only those with this visibility. */
  readonly visibility?: Visibility | undefined;
  /** Only those with this in their name or description, in any case. */
  readonly search?: string | undefined;
}

/** What became of a publication. */
export interface Publication {
  /** Whether there was no endpoint of this slug before. */
  created: boolean;
  /** The endpoint as it is now. */
  endpoint: Endpoint;
}

/** What the signed-in user publishes; from {@link SyftHubClient.myEndpoints}. */
export class MyEndpoints {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The signed-in user's own endpoints, latest edit first. */
  list(options?: MyEndpointsOptions): List<Endpoint> {
    return this.#calls.list('endpoints.list', options);
  }

  /**
   * Publishes an endpoint, in the name of an organization when its `organizationId` is given.
   *
   * @throws {ValidationError} when the slug is taken or a field breaks its rule.
   */
  async create(draft: EndpointDraft, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.create', { body: draft }, options);
  }

  /**
   * Publishes an endpoint, or makes the one of the same slug what is described.
   *
   * @throws {ConflictError} when that endpoint has another type, which cannot change.
   */
  async publish(draft: EndpointDraft, options?: CallOptions): Promise<Publication> {
    return this.#calls.call('endpoints.publish', { body: draft }, options);
  }

  /**
   * The endpoint at `owner/slug`, as its owner sees it.
   *
   * @throws {NotFoundError} when there is none that the caller may see.
   */
  async get(path: string, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.show', { path }, options);
  }

  /** Whether the signed-in user has an endpoint of this slug. */
  async exists(slug: string, options?: CallOptions): Promise<boolean> {
    return this.#calls.call('endpoints.exists', { slug }, options);
  }

  /**
   * Changes an endpoint: the signed-in user's by its slug, or any that they may change by `owner/slug`. What is absent
   * stays; lists are replaced whole.
   */
  async update(path: string, patch: EndpointPatch, options?: CallOptions): Promise<Endpoint> {
    if (!path.includes('/')) return this.#calls.call('endpoints.update_slug', { slug: path, body: patch }, options);
    const { id } = await this.get(path, options);
    return this.#calls.call('endpoints.update', { endpoint: id, body: patch }, options);
  }

  /** Removes an endpoint: the signed-in user's by its slug, or any that they may remove by `owner/slug`. */
  async delete(path: string, options?: CallOptions): Promise<void> {
    if (!path.includes('/')) {
      await this.#calls.call('endpoints.delete_slug', { slug: path }, options);
      return;
    }
    const { id } = await this.get(path, options);
    await this.#calls.call('endpoints.delete', { endpoint: id }, options);
  }

  /** Makes the signed-in user's own endpoints those of a catalogue, all of them or none. */
  async sync(endpoints: EndpointDraft[], options?: CallOptions): Promise<SyncResponse> {
    return this.#calls.call('endpoints.sync', { endpoints }, options);
  }
}
