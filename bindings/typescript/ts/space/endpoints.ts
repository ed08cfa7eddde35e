import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { EndpointDraft } from './drafts';
import type { Answer, AnswerEvent, Question } from './questions';
import type {
  Endpoint,
  EndpointDetail,
  EndpointItem,
  EndpointPatch,
  Listing,
  ListingState,
  Message,
  Published,
  SlugAnswer,
} from './wire';

/** Which of the connected hubs are meant. */
export interface HubsOptions extends CallOptions {
  /** Their ids. */
  readonly marketplaces?: readonly string[] | undefined;
}

/** What callers ask; from {@link SpaceClient.endpoints}. */
export class SpaceEndpoints {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** All endpoints with the parts behind them, oldest first. */
  async list(options?: CallOptions): Promise<EndpointItem[]> {
    return this.#calls.call('endpoints.list', {}, options);
  }

  /** The endpoint at this address, with its policies. */
  async get(slug: string, options?: CallOptions): Promise<EndpointDetail> {
    return this.#calls.call('endpoints.get', { slug }, options);
  }

  /**
   * Makes an endpoint over a dataset, a model, or both.
   *
   * @throws {ConflictError} when the slug is taken.
   */
  async create(draft: EndpointDraft, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.create', { body: draft }, options);
  }

  /** Changes an endpoint. What is absent stays. */
  async update(slug: string, patch: EndpointPatch, options?: CallOptions): Promise<EndpointDetail> {
    return this.#calls.call('endpoints.update', { slug, body: patch }, options);
  }

  /** Removes an endpoint; hubs that list it are told first. */
  async delete(slug: string, options?: CallOptions): Promise<Message> {
    return this.#calls.call('endpoints.delete', { slug }, options);
  }

  /** Puts an endpoint away: it is kept, and closed to callers. */
  async archive(slug: string, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.archive', { slug }, options);
  }

  /** Takes an endpoint out again that was put away. */
  async unarchive(slug: string, options?: CallOptions): Promise<Endpoint> {
    return this.#calls.call('endpoints.unarchive', { slug }, options);
  }

  /** Whether a slug can be had in the space, and at these hubs, or with `checkAll` at all that are connected. */
  async validateSlug(slug: string, options: HubsOptions & { checkAll?: boolean } = {}): Promise<SlugAnswer> {
    const { marketplaces, checkAll } = options;
    return this.#calls.call('endpoints.validate_slug', { slug, marketplaces, checkAll }, options);
  }

  /** Opens an endpoint to callers and lists it at these hubs; at all, unless some are named. What each said is told. */
  async publish(slug: string, options: HubsOptions = {}): Promise<Published> {
    return this.#calls.call('endpoints.publish', { slug, marketplaces: options.marketplaces }, options);
  }

  /** Takes an endpoint off every hub that lists it. When none does any more, it is closed to callers. */
  async unpublish(slug: string, options?: CallOptions): Promise<Listing[]> {
    return this.#calls.call('endpoints.unpublish', { slug }, options);
  }

  /** How an endpoint stands at each hub: what waits to be done there, and why. */
  async listings(slug: string, options?: CallOptions): Promise<ListingState[]> {
    return this.#calls.call('endpoints.listings', { slug }, options);
  }

  /** Asks an endpoint: with the admin key as its owner, at the address for callers with a satellite token. */
  async query(slug: string, question: Question, options?: CallOptions): Promise<Answer> {
    return this.#calls.call('endpoints.query', { slug, body: question }, options);
  }

  /**
   * The same with the answer as the model writes it. Leaving the loop ends it.
   *
   * ```ts
   * for await (const event of space.endpoints.stream('field-notes', { messages: 'What grows near the river?' })) {
   *   if (event.event === 'token') process.stdout.write(event.content);
   * }
   * ```
   *
   * @throws {GenerationError} when the model fails.
   * @throws {ConnectionInterruptedError} when the answer breaks off.
   */
  stream(slug: string, question: Question, options?: CallOptions): Reader<AnswerEvent> {
    return this.#calls.events('endpoints.stream', { slug, body: question }, options);
  }
}
