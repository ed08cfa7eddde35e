import { randomUUID } from 'node:crypto';

import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { AgentEvent, ConversationStart } from '../types/agent';

/** Conversations with endpoints; from {@link SyftHubClient.agent}. */
export class Agent {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Begins a conversation, in the name of the signed-in user or as a guest. Nothing is sent before its events are read.
   *
   * ```ts
   * const talk = client.agent.open({ endpoint: 'ada/botanist', prompt: 'What grows near the river?' });
   * for await (const event of talk) {
   *   if (event.type === 'agent.token') process.stdout.write(event.payload.token);
   *   if (event.type === 'agent.request_input') await talk.close();
   * }
   * ```
   */
  open(start: ConversationStart, options?: CallOptions): Conversation {
    return new Conversation(this.#calls, start, options);
  }
}

/** A conversation: what the endpoint says and does, and what the caller says meanwhile. Leaving the loop ends it. */
export class Conversation implements AsyncIterable<AgentEvent> {
  readonly #calls: Calls;
  readonly #events: Reader<AgentEvent>;
  /** Under which the caller's words find the connection. */
  readonly #conversation = randomUUID();

  /** @internal */
  constructor(calls: Calls, start: ConversationStart, options?: CallOptions) {
    this.#calls = calls;
    this.#events = this.#calls.events('agent.open', { conversation: this.#conversation, body: start }, options);
  }

  /** What the endpoint says and does, until the conversation is over. */
  [Symbol.asyncIterator](): Reader<AgentEvent> {
    return this.#events;
  }

  /** Says something, when it is the caller's turn. */
  async say(text: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('agent.say', { conversation: this.#conversation, text }, options);
  }

  /** Lets the endpoint use the tool it asked for. */
  async confirm(toolCallId: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('agent.confirm', { conversation: this.#conversation, toolCallId }, options);
  }

  /** Does not let the endpoint use the tool it asked for. */
  async deny(toolCallId: string, reason?: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('agent.deny', { conversation: this.#conversation, toolCallId, reason }, options);
  }

  /** Wants nothing more of what the endpoint is at. */
  async cancel(options?: CallOptions): Promise<void> {
    await this.#calls.call('agent.cancel', { conversation: this.#conversation }, options);
  }

  /** Ends the conversation; its last event says that it is over. */
  async close(options?: CallOptions): Promise<void> {
    await this.#calls.call('agent.close', { conversation: this.#conversation }, options);
  }
}
