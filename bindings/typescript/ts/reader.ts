import { errorOf } from './errors';
import type { NativeTexts } from './native/types';

/**
 * Values that arrive one after the other. Leaving the loop, `return()` and the signal end what they come from, also while
 * the next one is awaited.
 */
export class Reader<T> implements AsyncIterableIterator<T> {
  readonly #open: () => NativeTexts;
  readonly #parse: (texts: string[]) => T[];
  readonly #signal: AbortSignal | undefined;
  readonly #cancel = (): void => this.#texts?.close();
  #texts: NativeTexts | undefined;
  #arrived: T[] = [];
  #taken = 0;
  #filling: Promise<void> | undefined;
  #ended = false;

  /** @internal */
  constructor(open: () => NativeTexts, parse: (texts: string[]) => T[], signal: AbortSignal | undefined) {
    this.#open = open;
    this.#parse = parse;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next value, when it has arrived. */
  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (this.#taken < this.#arrived.length) {
        const value = this.#arrived[this.#taken] as T;
        this.#taken += 1;
        return { value, done: false };
      }
      if (this.#ended) return { value: undefined, done: true };
      this.#filling ??= this.#fill().finally(() => (this.#filling = undefined));
      await this.#filling;
    }
  }

  /** Ends it. What has arrived and was not taken is lost. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    this.#arrived = [];
    return { value: undefined, done: true };
  }

  async #fill(): Promise<void> {
    try {
      this.#signal?.throwIfAborted();
      this.#texts ??= this.#begin();
      const texts = await this.#texts.next();
      if (texts.length === 0) this.#end();
      this.#signal?.throwIfAborted();
      this.#arrived = this.#ended ? [] : this.#parse(texts);
      this.#taken = 0;
    } catch (thrown) {
      this.#end();
      throw errorOf(thrown);
    }
  }

  #begin(): NativeTexts {
    this.#signal?.addEventListener('abort', this.#cancel, { once: true });
    return this.#open();
  }

  #end(): void {
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#cancel);
    this.#texts?.close();
  }
}
