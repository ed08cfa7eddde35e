import type { NativeTexts } from './native/types';
import { Reader } from './reader';

/**
 * A list that comes in pages. Each iteration asks anew, and the next page is fetched while the one before it is worked on.
 *
 * ```ts
 * for await (const endpoint of client.hub.browse()) console.log(endpoint.name);
 * const firstTen = await client.hub.browse().take(10);
 * ```
 */
export class List<Item> implements AsyncIterable<Item> {
  readonly #open: () => NativeTexts;
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(open: () => NativeTexts, signal: AbortSignal | undefined) {
    this.#open = open;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Item> {
    return new Reader(this.#open, (texts) => texts.flatMap(pageOf<Item>), this.#signal);
  }

  /** The list page by page. */
  pages(): AsyncIterableIterator<Item[]> {
    return new Reader(this.#open, (texts) => texts.map(pageOf<Item>), this.#signal);
  }

  /** The first `count` items, or all when there are fewer. */
  async take(count: number): Promise<Item[]> {
    const items: Item[] = [];
    if (count <= 0) return items;
    for await (const page of this.pages()) {
      items.push(...page.slice(0, count - items.length));
      if (items.length >= count) break;
    }
    return items;
  }

  /** The whole list. */
  async all(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages()) items.push(...page);
    return items;
  }
}

function pageOf<Item>(text: string): Item[] {
  return JSON.parse(text) as Item[];
}
