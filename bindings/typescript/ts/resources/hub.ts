import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type { EndpointPublic, EndpointType, OwnerGroup, PublicOwner, SearchResult } from '../types/wire';

/** Which public endpoints to list. */
export interface BrowseOptions extends ListOptions {
  /** Only those of this type. */
  readonly type?: EndpointType | undefined;
  /** Only those that have every word of this in their name, tags, description or owner; the best fitting come first. */
  readonly search?: string | undefined;
}

/** Which endpoints with stars to list. */
export interface TrendingOptions extends ListOptions {
  /** Only those of this type. */
  readonly type?: EndpointType | undefined;
  /** Only those with so many stars at least. */
  readonly minStars?: number | undefined;
}

/** What to search for. */
export interface SearchOptions extends CallOptions {
  /** The most results to give, 1 to 100; 10 unless given. */
  readonly topK?: number | undefined;
  /** Only those of this type. */
  readonly type?: EndpointType | undefined;
  /** Only those with this relevance at least, 0 to 1. */
  readonly minScore?: number | undefined;
}

/** Finding what others publish, and stars; from {@link SyftHubClient.hub}. */
export class Hub {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Everybody's public endpoints, latest edit first. */
  browse(options?: BrowseOptions): List<EndpointPublic> {
    return this.#calls.list('endpoints.public', options);
  }

  /** Everybody's public endpoints, those with the most stars first. */
  trending(options?: TrendingOptions): List<EndpointPublic> {
    return this.#calls.list('endpoints.trending', options);
  }

  /** Public endpoints without policies, which guests can use, latest edit first. */
  guestAccessible(options?: ListOptions & { readonly type?: EndpointType | undefined }): List<EndpointPublic> {
    return this.#calls.list('endpoints.guest_accessible', options);
  }

  /** Users and organizations with public endpoints, those with the most first. */
  owners(options?: ListOptions): List<PublicOwner> {
    return this.#calls.list('endpoints.owners', options);
  }

  /**
   * What a user or an organization publishes and the caller may see, latest edit first.
   *
   * @throws {NotFoundError} when there is no such owner, once the list is iterated over.
   */
  byOwner(owner: string, options?: ListOptions): List<EndpointPublic> {
    return this.#calls.list('endpoints.of_owner', { ...options, owner });
  }

  /** The public endpoints of one owner, latest edit first. */
  publicByOwner(owner: string, options?: ListOptions): List<EndpointPublic> {
    return this.#calls.list('endpoints.public_of', { ...options, owner });
  }

  /** Users and organizations with public endpoints, each with those that they edited last. */
  grouped(options?: ListOptions & { readonly maxPerOwner?: number | undefined }): List<OwnerGroup> {
    return this.#calls.list('endpoints.grouped', options);
  }

  /** Public endpoints by words of what they say of themselves, best fitting first. */
  async search(query: string, { signal, ...filter }: SearchOptions = {}): Promise<SearchResult[]> {
    return this.#calls.call('endpoints.search', { ...filter, query }, { signal });
  }

  /**
   * The endpoint at `owner/slug` that the caller may see.
   *
   * @throws {NotFoundError} when there is none.
   */
  async get(path: string, options?: CallOptions): Promise<EndpointPublic> {
    return this.#calls.call('endpoints.show', { path }, options);
  }

  /** The public endpoint at `owner/slug`; null when there is none. */
  async find(path: string, options?: CallOptions): Promise<EndpointPublic | null> {
    return this.#calls.call('endpoints.find', { path }, options);
  }

  /** The paths of the endpoints of a collective, or of one of its shared parts, where the hub has such. */
  async collective(
    slug: string,
    { shared, signal }: CallOptions & { readonly shared?: string | undefined } = {},
  ): Promise<string[]> {
    return this.#calls.call('endpoints.of_collective', { collective: slug, shared }, { signal });
  }

  /** Stars the endpoint at `owner/slug`. False when the caller had done so before. */
  async star(path: string, options?: CallOptions): Promise<boolean> {
    return this.#calls.call('endpoints.star', { path }, options);
  }

  /** Takes the caller's star back. Nothing happens when there is none. */
  async unstar(path: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('endpoints.unstar', { path }, options);
  }

  /** Whether the caller starred the endpoint at `owner/slug`. */
  async isStarred(path: string, options?: CallOptions): Promise<boolean> {
    return this.#calls.call('endpoints.is_starred', { path }, options);
  }
}
