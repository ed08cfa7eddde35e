import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { Answer, Asked, ChatEvent, Question, Search } from '../types/chat';

/** Questions to models over data sources; from {@link SyftHubClient.chat}. */
export class Chat {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Asks a model over data sources, and gives the complete answer.
   *
   * ```ts
   * const answer = await client.chat.complete({
   *   prompt: 'What grows near the river?',
   *   model: 'ada/extractive',
   *   sources: ['ada/field-notes'],
   * });
   * console.log(answer.response);
   * ```
   *
   * @throws {GenerationError} when the model could not answer.
   */
  async complete(question: Question, options?: CallOptions): Promise<Answer> {
    return this.#calls.call('chat.complete', { body: asked(question) }, options);
  }

  /**
   * Asks a model over data sources, and gives what happens meanwhile. Leaving the loop ends the answer, up to the model.
   *
   * ```ts
   * for await (const event of client.chat.stream({ prompt, model, sources })) {
   *   if (event.type === 'token') process.stdout.write(event.content);
   * }
   * ```
   *
   * @throws {ConnectionInterruptedError} when the answer ends before it is complete.
   */
  stream(question: Question, options?: CallOptions): Reader<ChatEvent> {
    return this.#calls.events('chat.stream', { body: asked(question) }, options);
  }

  /** Asks data sources alone: an answer without a text, whose `sources` are the documents. */
  async retrieve(search: Search, options?: CallOptions): Promise<Answer> {
    return this.#calls.call('chat.retrieve', { body: asked(search) }, options);
  }
}

/** The question as the native half reads it: a name alone is an endpoint by its name. */
function asked(question: Search & { readonly model?: Asked }): object {
  const { model, sources, ...rest } = question;
  return { ...rest, model: placed(model), sources: Array.isArray(sources) ? sources.map(placed) : sources };
}

function placed(endpoint: Asked | undefined): unknown {
  return typeof endpoint === 'string' ? { path: endpoint } : endpoint;
}
