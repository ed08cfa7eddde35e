import type { CallOptions, Calls } from '../calls';
import type { PartDraft } from './drafts';
import type { DatasetHealth, DatasetTypeInfo, Message, ModelHealth, Part, PartPatch, TypeInfo } from './wire';

/** Datasets and models have one shape, and the same operations. */
class Parts<Kind extends TypeInfo, Health> {
  protected readonly calls: Calls;
  readonly #noun: string;

  /** @internal */
  constructor(calls: Calls, noun: string) {
    this.calls = calls;
    this.#noun = noun;
  }

  /** The types that the space knows, each with the JSON Schema of its configuration. */
  async types(options?: CallOptions): Promise<Kind[]> {
    return this.calls.call(`${this.#noun}s.types`, {}, options);
  }

  /** The type of this name. */
  async type(dtype: string, options?: CallOptions): Promise<Kind> {
    return this.calls.call(`${this.#noun}s.type`, { dtype }, options);
  }

  /** The JSON Schema of a type's configuration. */
  async schema(dtype: string, options?: CallOptions): Promise<Record<string, unknown>> {
    return this.calls.call(`${this.#noun}s.schema`, { dtype }, options);
  }

  /** All of them, oldest first. */
  async list(options?: CallOptions): Promise<Part[]> {
    return this.calls.call(`${this.#noun}s.list`, {}, options);
  }

  /** The one of this name. Secrets in its configuration are masked. */
  async get(name: string, options?: CallOptions): Promise<Part> {
    return this.calls.call(`${this.#noun}s.get`, { [this.#noun]: name }, options);
  }

  /**
   * Makes one, with a configuration by its type's schema.
   *
   * @throws {ConflictError} when the name is taken.
   */
  async create(draft: PartDraft, options?: CallOptions): Promise<Part> {
    return this.calls.call(`${this.#noun}s.create`, { body: draft }, options);
  }

  /** Changes one. What is absent stays; of the configuration, what is null is taken away. */
  async update(name: string, patch: PartPatch, options?: CallOptions): Promise<Part> {
    return this.calls.call(`${this.#noun}s.update`, { [this.#noun]: name, body: patch }, options);
  }

  /**
   * Removes one, and with `force` the endpoints that use it.
   *
   * @throws {ConflictError} when endpoints use it and are to be kept.
   */
  async delete(name: string, options: CallOptions & { force?: boolean } = {}): Promise<Message> {
    return this.calls.call(`${this.#noun}s.delete`, { [this.#noun]: name, force: options.force }, options);
  }

  /** Whether it works. At the address for callers this needs no key. */
  async health(name: string, options?: CallOptions): Promise<Health> {
    return this.calls.call(`${this.#noun}s.health`, { [this.#noun]: name }, options);
  }
}

/** Documents that can be searched; from {@link SpaceClient.datasets}. */
export class Datasets extends Parts<DatasetTypeInfo, DatasetHealth> {
  /** @internal */
  constructor(calls: Calls) {
    super(calls, 'dataset');
  }
}

/** Models that answer; from {@link SpaceClient.models}. */
export class Models extends Parts<TypeInfo, ModelHealth> {
  /** @internal */
  constructor(calls: Calls) {
    super(calls, 'model');
  }

  /**
   * The names of the models that the server offers which a configuration of a type names.
   *
   * @throws {ServerError} when that server refuses or fails.
   */
  async available(
    dtype: string,
    configuration: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<string[]> {
    const answer = await this.calls.call<{ models: string[] }>('models.available', { dtype, configuration }, options);
    return answer.models;
  }
}
