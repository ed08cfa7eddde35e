import { errorOf, isCancelled } from './errors';
import { native } from './native/load';
import type { NativeTarget } from './native/types';
import { List } from './list';
import { Reader } from './reader';

/** What every call takes, beside its own arguments. */
export interface CallOptions {
  /** Ends the call: its connection is dropped, and its promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What every list takes, beside its own filters. */
export interface ListOptions extends CallOptions {
  /** How many of the first items to leave out. */
  readonly skip?: number | undefined;
  /** How many items to fetch at a time: 1 to 100, and 100 unless given. */
  readonly pageSize?: number | undefined;
}

/** How many events one crossing from the native half carries at most. Those that are not there yet are not waited for. */
const EVENTS_AT_ONCE = 64;

/** The operations of a native object that give one answer, by name, with types on the side of the caller. */
export class Caller {
  readonly #target: Pick<NativeTarget, 'call'>;

  constructor(target: Pick<NativeTarget, 'call'>) {
    this.#target = target;
  }

  /** The answer of an operation. */
  async call<Answer>(name: string, args: object, options?: CallOptions): Promise<Answer> {
    const signal = options?.signal;
    const text = JSON.stringify(args);
    try {
      if (signal === undefined) return JSON.parse(await this.#target.call(name, text)) as Answer;
      return JSON.parse(await this.#cancellable(name, text, signal)) as Answer;
    } catch (thrown) {
      if (signal?.aborted === true && isCancelled(thrown)) throw signal.reason;
      throw errorOf(thrown);
    }
  }

  async #cancellable(name: string, text: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const cancellation = new native.Cancellation();
    const cancel = (): void => cancellation.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#target.call(name, text, cancellation);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

/** All operations of a native object. */
export class Calls extends Caller {
  readonly #target: NativeTarget;

  constructor(target: NativeTarget) {
    super(target);
    this.#target = target;
  }

  /** The list that an operation gives page by page. Nothing is sent before it is iterated over. */
  list<Item, Options extends ListOptions>(name: string, options?: Options): List<Item> {
    const { signal, pageSize, ...args } = options ?? ({} as Options);
    if (pageSize !== undefined && typeof pageSize !== 'number') throw notANumber('pageSize');
    const text = JSON.stringify({ ...args, limit: pageSize });
    return new List(() => this.#target.open(name, text, 1), signal);
  }

  /** The events that an operation gives one by one. Nothing is sent before they are iterated over. */
  events<Event>(name: string, args: object, options?: CallOptions): Reader<Event> {
    const text = JSON.stringify(args);
    const parse = (texts: string[]): Event[] => texts.map((one) => JSON.parse(one) as Event);
    return new Reader(() => this.#target.open(name, text, EVENTS_AT_ONCE), parse, options?.signal);
  }
}

/** The one argument that has another name on the other side is judged here, so that it is told by its own. */
function notANumber(field: string): TypeError {
  return Object.assign(new TypeError(`${field}: invalid type, expected a number`), { field });
}
