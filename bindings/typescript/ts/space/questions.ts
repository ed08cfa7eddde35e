/** One turn of a conversation, by `system`, `user` or `assistant`. */
export interface Turn {
  readonly role: string;
  readonly content: string;
}

/** A question to an endpoint. */
export interface Question {
  /** The text, or the turns of a conversation, oldest first. */
  readonly messages: string | readonly Turn[];
  /** The most documents, at least 1; 5 unless given. The space may give fewer. */
  readonly limit?: number | undefined;
  /** The least score of a document, 0 to 1; any score counts unless given. */
  readonly similarityThreshold?: number | undefined;
  /** Whether documents carry their metadata; they do unless given. */
  readonly includeMetadata?: boolean | undefined;
  /** The most tokens of the model's answer, at least 1; 1024 unless given. The space may allow fewer. */
  readonly maxTokens?: number | undefined;
  /** 0 to 2; 0.7 unless given. */
  readonly temperature?: number | undefined;
  /** Texts at which the model stops. */
  readonly stopSequences?: readonly string[] | undefined;
  /** -2 to 2; 0 unless given. */
  readonly presencePenalty?: number | undefined;
  /** -2 to 2; 0 unless given. */
  readonly frequencyPenalty?: number | undefined;
  /** The caller's accounting token, for endpoints that charge. */
  readonly transactionToken?: string | undefined;
  /** What the documents have to be. */
  readonly filters?: Filter | undefined;
}

/** What a document has to be: a condition, or a group of conditions. */
export type Filter = Condition | Group;

/** A comparison of one property, named as the metadata of results names it. */
export interface Condition {
  readonly type: 'condition';
  readonly property: string;
  readonly op: string;
  readonly value: unknown;
}

/** Conditions that count together. */
export interface Group {
  readonly type: 'group';
  readonly [field: string]: unknown;
}

/** A passage that was found. What a score between 0 and 1 means is the dataset type's to say. */
export interface FoundDocument {
  documentId: string;
  content: string;
  metadata: Record<string, unknown>;
  similarityScore: number;
}

/** How a part of the answer came to be, and in how many milliseconds. */
export interface ProviderInfo {
  apiVersion: string | null;
  responseTimeMs: number | null;
  searchEngine: string | null;
}

/** What was found, best first, and what that cost. */
export interface References {
  documents: FoundDocument[];
  providerInfo: ProviderInfo;
  cost: number;
}

/** What the model said, why it ended there, and what that cost. */
export interface Summary {
  id: string;
  model: string;
  message: { role: string; content: string; tokens: number };
  finishReason: string;
  usage: { promptTokens: number; completionTokens: number; totalTokens: number } | null;
  logprobs: unknown;
  cost: number;
  providerInfo: ProviderInfo;
}

/** What one policy did with a question. */
export interface PolicyEntry {
  policyType: string;
  kind: string;
  status: string;
  amount?: number;
  currency?: string;
  transaction?: { rail: string; id: string };
  reasonCode?: string;
  reason?: string;
  details: Record<string, unknown>;
}

/** The answer to a question. */
export interface Answer {
  /** What the model said; null when none answers. */
  summary: Summary | null;
  /** What was found; null when nothing was looked for. */
  references: References | null;
  /** What was found, in the shape of older clients. */
  documents?: { content: string; score: number; metadata: Record<string, unknown> }[];
  /** What the model said, in the shape of older clients. */
  message?: Turn;
  /** What the whole answer cost the caller. */
  cost?: number;
  /** What the endpoint's policies did; absent when it has none. */
  policyMetadata?: { outcome: string; entries: PolicyEntry[] };
}

/** One step of an answer that is being written: the next text, or the end with the whole of it. */
export type AnswerEvent = { event: 'token'; content: string } | { event: 'done'; answer: Answer };
