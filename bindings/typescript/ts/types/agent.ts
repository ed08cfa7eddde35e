import type { Message } from './wire';

/** What a conversation begins with. */
export interface ConversationStart {
  /** Whom to talk with, such as `ada/botanist`. */
  readonly endpoint: string;
  /** What to say first. */
  readonly prompt: string;
  /** What was said before, oldest first. */
  readonly messages?: readonly Message[] | undefined;
  /** The most tokens of one thing that the endpoint says. */
  readonly maxTokens?: number | undefined;
  /** How freely it chooses its words: 0 to 2. */
  readonly temperature?: number | undefined;
  /** What it is told about itself. */
  readonly systemPrompt?: string | undefined;
  /** What else it is told, for it to make sense of. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The address of another aggregator than the client's. */
  readonly aggregatorUrl?: string | undefined;
  /** Whether the endpoint's owner may charge the caller; they may unless this is false. */
  readonly pays?: boolean | undefined;
}

interface Payloads {
  /** The conversation has begun. */
  'session.created': { readonly sessionId: string };
  /** What the endpoint thinks. */
  'agent.thinking': { readonly content: string; readonly isStreaming: boolean };
  /** The endpoint uses a tool, or wants to: then it waits for `confirm` or `deny`. */
  'agent.tool_call': {
    readonly toolCallId: string;
    readonly toolName: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly requiresConfirmation: boolean;
    readonly description: string | null;
  };
  /** What came of a tool, and how many milliseconds it took. */
  'agent.tool_result': {
    readonly toolCallId: string;
    readonly status: string;
    readonly result: unknown;
    readonly error: string | null;
    readonly durationMs: number | null;
  };
  /** Something the endpoint says, in full. */
  'agent.message': { readonly content: string; readonly isComplete: boolean };
  /** The next text of what the endpoint says. */
  'agent.token': { readonly token: string };
  /** What the endpoint is doing. */
  'agent.status': { readonly status: string; readonly detail: string | null; readonly progress: number | null };
  /** It is the caller's turn. */
  'agent.request_input': { readonly prompt: string };
  /** Something went wrong; the conversation may go on all the same. */
  'agent.error': { readonly code: string; readonly message: string; readonly recoverable: boolean };
  /** The conversation is over, as the caller wished. */
  'session.completed': { readonly sessionId: string };
  /** The conversation is over. */
  'session.failed': { readonly error: string; readonly reason: string | null };
}

/** What happens in a conversation. */
export type AgentEvent = { [Type in keyof Payloads]: { readonly type: Type; readonly payload: Payloads[Type] } }[keyof Payloads];
