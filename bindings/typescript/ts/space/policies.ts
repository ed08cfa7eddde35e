import type { CallOptions, Calls } from '../calls';
import type { List } from '../list';
import type { PolicyDraft } from './drafts';
import type { Forecast, Message, Policy, PolicyItem, PolicyPatch, Recorded, TypeInfo } from './wire';

/** Which decisions are asked for; what is absent leaves none out. */
export interface DecisionFilter extends CallOptions {
  /** Only of the endpoint at this address. */
  readonly endpoint?: string | undefined;
  /** Only these, such as `rate_limited`. */
  readonly outcome?: string | undefined;
  /** Part of an e-mail address, or a whole subject or correlation id. */
  readonly who?: string | undefined;
  /** Only what this policy decided. */
  readonly policyId?: string | undefined;
  /** Not before this moment, in the form of RFC 3339. */
  readonly since?: string | undefined;
  /** Before this moment. */
  readonly until?: string | undefined;
  /** Only decisions before this one. */
  readonly before?: number | undefined;
}

/** Who may ask, how often and at what price, and what was decided; from {@link SpaceClient.policies}. */
export class Policies {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The types that the space knows, each with the JSON Schema of its configuration. */
  async types(options?: CallOptions): Promise<TypeInfo[]> {
    return this.#calls.call('policies.types', {}, options);
  }

  /** The type of this name. */
  async type(policyType: string, options?: CallOptions): Promise<TypeInfo> {
    return this.#calls.call('policies.type', { policyType }, options);
  }

  /** The JSON Schema of a type's configuration. */
  async schema(policyType: string, options?: CallOptions): Promise<Record<string, unknown>> {
    return this.#calls.call('policies.schema', { policyType }, options);
  }

  /** All policies without their settings, oldest first. */
  async list(options?: CallOptions): Promise<PolicyItem[]> {
    return this.#calls.call('policies.list', {}, options);
  }

  /** The policy with this id, with what is probably a mistake in it. */
  async get(id: string, options?: CallOptions): Promise<Policy> {
    return this.#calls.call('policies.get', { policy: id }, options);
  }

  /** Guards an endpoint with one more policy. */
  async create(draft: PolicyDraft, options?: CallOptions): Promise<Policy> {
    return this.#calls.call('policies.create', { body: draft }, options);
  }

  /** Changes a policy's name, or some of its settings, which are put over those it has. */
  async update(id: string, patch: PolicyPatch, options?: CallOptions): Promise<Policy> {
    return this.#calls.call('policies.update', { policy: id, body: patch }, options);
  }

  /** Removes a policy; its endpoint is no longer guarded by it. */
  async delete(id: string, options?: CallOptions): Promise<Message> {
    return this.#calls.call('policies.delete', { policy: id }, options);
  }

  /** What would happen to a question of the person with this e-mail address. Nothing is asked, counted or charged. */
  async check(endpoint: string, email: string, options?: CallOptions): Promise<Forecast> {
    return this.#calls.call('policies.check', { endpoint, email }, options);
  }

  /** What became of questions, latest first; 1 to 10000 are fetched at a time, 100 unless said otherwise. */
  decisions(options?: DecisionFilter & { pageSize?: number }): List<Recorded> {
    return this.#calls.list('policies.decisions', options);
  }

  /** The same as comma-separated values below a line of names, empty when there are none; at most `limit`, 1 to 10000. */
  async exportDecisions(options: DecisionFilter & { limit?: number } = {}): Promise<string> {
    const { signal, ...filter } = options;
    return this.#calls.call('policies.export_decisions', filter, { signal });
  }
}
