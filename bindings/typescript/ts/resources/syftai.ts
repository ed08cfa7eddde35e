import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { AskedByAddress } from '../types/chat';
import type { Message, PolicyEntry } from '../types/wire';

/** An endpoint, by the address of its space. */
export type SpaceEndpoint = Omit<AskedByAddress, 'query'>;

/** A question to one data source. */
export interface DocumentQuery {
  /** Where it is asked. */
  readonly endpoint: SpaceEndpoint;
  /** What to look for. */
  readonly query: string;
  /** The most documents to give. */
  readonly topK?: number | undefined;
  /** The least score of a document, 0 to 1. */
  readonly similarityThreshold?: number | undefined;
  /** The satellite token to show; one is made for the owner unless given. */
  readonly token?: string | undefined;
  /** Whose space it is: for whom a token is made. */
  readonly owner?: string | undefined;
  /** Whether the owner may charge the caller; not unless this is true. */
  readonly pays?: boolean | undefined;
}

/** A question to one model. */
export interface ModelQuery {
  /** Where it is asked. */
  readonly endpoint: SpaceEndpoint;
  /** The conversation, oldest turn first. */
  readonly messages: readonly Message[];
  /** The most tokens of the answer. */
  readonly maxTokens?: number | undefined;
  /** 0 to 2. */
  readonly temperature?: number | undefined;
}

/** What a data source gave. */
export interface FoundDocuments {
  /** Best first. */
  documents: FoundDocument[];
  /** What the source's policies did, money included. */
  entries: PolicyEntry[];
}

/** A document as a data source gave it. */
export interface FoundDocument {
  /** Its identity at its source; empty when the source gave none. */
  documentId: string;
  /** Its text. */
  content: string;
  /** What the source says of it, such as `title` and `file_path`. */
  metadata: Record<string, unknown>;
  /** How well it fits, 0 to 1. */
  score: number;
}

/** Single endpoints, asked at their spaces, without an aggregator; from {@link SyftHubClient.syftai}. */
export class SyftAI {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Asks one data source.
   *
   * @throws {AuthorizationError} when its policies refuse the caller.
   */
  async queryDataSource(query: DocumentQuery, options?: CallOptions): Promise<FoundDocuments> {
    return this.#calls.call('spaces.documents', query, options);
  }

  /** Asks one model, and gives its whole answer. */
  async queryModel(query: ModelQuery, options?: CallOptions): Promise<string> {
    return this.#calls.call('spaces.answer', query, options);
  }

  /** Asks one model, and hands on its answer piece by piece, as it is written. */
  queryModelStream(query: ModelQuery, options?: CallOptions): Reader<string> {
    return this.#calls.events('spaces.stream', query, options);
  }
}
