import type { ChatResponse, Message, RetrievalInfo } from './wire';

/** An endpoint to ask: by its name at the hub, `owner/slug`, or by its address. */
export type Asked = string | AskedByName | AskedByAddress;

/** An endpoint by its name at the hub. */
export interface AskedByName {
  /** `owner/slug`. */
  readonly path: string;
  /** What it is asked in place of the prompt. */
  readonly query?: string | undefined;
}

/** An endpoint by the address of its space. */
export interface AskedByAddress {
  /** The address of the space. */
  readonly url: string;
  /** The endpoint's name there. */
  readonly slug: string;
  /** For display. */
  readonly name?: string | undefined;
  /** The tenant of the space that it belongs to. */
  readonly tenantName?: string | undefined;
  /** Whose it is: for whom tokens are made. */
  readonly ownerUsername?: string | undefined;
  /** What it is asked in place of the prompt. */
  readonly query?: string | undefined;
}

/** A question to data sources. Spans of time are in seconds. */
export interface Search {
  /** The question; also what is looked for. */
  readonly prompt: string;
  /** The data sources to ask for documents. */
  readonly sources?: readonly Asked[] | undefined;
  /** Documents per source, 1 to 20; 5 unless given. */
  readonly topK?: number | undefined;
  /** The least score of a document, 0 to 1; 0.5 unless given. */
  readonly similarityThreshold?: number | undefined;
  /** Whether a source that refuses the caller costs its own documents or the whole answer; the former unless given. */
  readonly onDenied?: 'continue' | 'fail' | undefined;
  /** Another aggregator than the client's. */
  readonly aggregatorUrl?: string | undefined;
  /** Asks as nobody in particular, whoever is signed in. */
  readonly guest?: boolean | undefined;
  /** Whether owners may charge the caller; they may unless this is false. */
  readonly pays?: boolean | undefined;
  /** Makes the answer in this process, without an aggregator. */
  readonly direct?: boolean | undefined;
  /** Which addresses this process calls, where it makes the answer. */
  readonly addresses?: 'like_hub' | 'public' | 'any' | undefined;
  /** The most time that the complete answer may take. */
  readonly timeoutS?: number | undefined;
  /** The longest silence while the answer is streamed. */
  readonly idleTimeoutS?: number | undefined;
}

/** A question to a model over data sources. */
export interface Question extends Search {
  /** The model that answers. */
  readonly model: Asked;
  /** The turns before the question, oldest first. */
  readonly messages?: readonly Message[] | undefined;
  /** What the model is told in place of the system's own words. */
  readonly systemPrompt?: string | undefined;
  /** The most tokens of the answer; 1024 unless given. */
  readonly maxTokens?: number | undefined;
  /** 0 to 2; 0.7 unless given. */
  readonly temperature?: number | undefined;
}

/** A document that an answer rests on. */
export interface SourceDocument {
  /** Which endpoint gave it: `owner/slug`. */
  slug: string;
  /** Its text. */
  content: string;
}

/** A complete answer. */
export interface Answer extends Omit<ChatResponse, 'citations' | 'sources'> {
  /** The claims that the model marked, and the documents they rest on; absent when nothing is cited. */
  citations?: ChatResponse['citations'];
  /** Title to document, best first. */
  sources: Record<string, SourceDocument>;
}

/** One source has answered, or failed. */
export interface SourceComplete {
  type: 'source_complete';
  /** Its place in the question, from 0, when the aggregator said it. */
  source?: number;
  /** `owner/slug`. */
  path: string;
  /** How that went. */
  status: RetrievalInfo['status'];
  /** How many documents it gave. */
  documents: number;
  /** Milliseconds since it was asked, when the aggregator said it. */
  timeMs?: number;
  /** Why it failed. */
  error?: string;
}

/** What happens while a question is answered; `type` tells which. The last one is `done`, with the complete answer. */
export type ChatEvent =
  | { type: 'retrieval_start'; sources: number }
  | SourceComplete
  | { type: 'reranking_start'; documents: number }
  | { type: 'reranking_complete'; documents: number; timeMs: number }
  | { type: 'retrieval_complete'; totalDocuments: number; timeMs: number }
  | { type: 'generation_start' }
  | { type: 'generation_heartbeat'; elapsedMs: number }
  | { type: 'token'; content: string }
  | ({ type: 'done' } & Answer);
