import type { CallOptions, Calls } from '../calls';
import type { AccessToken, AccessTokenDraft, AccessTokens, NewAccessToken } from '../types/wire';

/** Personal access tokens; from {@link SyftHubClient.apiTokens}. */
export class ApiTokens {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Makes a token. The answer is the only one that holds it. */
  async create(draft: AccessTokenDraft, options?: CallOptions): Promise<NewAccessToken> {
    return this.#calls.call('api_tokens.create', { body: draft }, options);
  }

  /** The hundred newest tokens that count, and how many there are. */
  async list(options?: CallOptions): Promise<AccessTokens> {
    return this.#calls.call('api_tokens.list', {}, options);
  }

  /** The token with this number, also when it no longer counts. */
  async get(id: number, options?: CallOptions): Promise<AccessToken> {
    return this.#calls.call('api_tokens.get', { token: id }, options);
  }

  /** Gives a token another name. */
  async rename(id: number, name: string, options?: CallOptions): Promise<AccessToken> {
    return this.#calls.call('api_tokens.rename', { token: id, name }, options);
  }

  /** Ends a token at once and for good. */
  async revoke(id: number, options?: CallOptions): Promise<void> {
    await this.#calls.call('api_tokens.revoke', { token: id }, options);
  }
}
