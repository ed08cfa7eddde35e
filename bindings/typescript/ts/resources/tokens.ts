import type { CallOptions, Calls } from '../calls';
import type { Audiences, JwkSet, PeerToken, SatelliteToken, Verification } from '../types/wire';

/** Which names to give. */
export interface AudiencesOptions extends CallOptions {
  /** Only those with this in them. */
  readonly search?: string | undefined;
  /** How many of the first to leave out. */
  readonly skip?: number | undefined;
  /** The most to give, 1 to 100; 100 unless given. */
  readonly limit?: number | undefined;
}

/** What came of asking for several tokens; each owner is in one of the two. */
export interface SeveralTokens {
  /** Owner to token. */
  tokens: Record<string, string>;
  /** Owner to the reason why there is none. */
  errors: Record<string, string>;
}

/** Tokens that prove the caller to services, and the keys that verify them; from {@link SyftHubClient.tokens}. */
export class SatelliteTokens {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * A token that proves the caller to the services of `audience`, a user or an organization, with the seconds that it
   * still counts. One that lives long enough is handed out again.
   */
  async satellite(audience: string, options?: CallOptions): Promise<SatelliteToken> {
    return this.#calls.call('tokens.satellite', { audience }, options);
  }

  /** A new token that proves the caller to the services of `audience`, whether or not an older one still counts. */
  async mint(audience: string, options?: CallOptions): Promise<SatelliteToken> {
    return this.#calls.call('tokens.mint', { audience }, options);
  }

  /** A token with which somebody who has not signed in may call the services of `audience`. */
  async guest(audience: string, options?: CallOptions): Promise<SatelliteToken> {
    return this.#calls.call('tokens.guest', { audience }, options);
  }

  /**
   * Tokens for the services of several owners, all asked for at once; those of guests on request. What fails for one owner
   * is said beside the others' tokens.
   */
  async satellites(
    audiences: readonly string[],
    { guest, signal }: CallOptions & { readonly guest?: boolean | undefined } = {},
  ): Promise<SeveralTokens> {
    return this.#calls.call('tokens.satellites', { audiences, guest }, { signal });
  }

  /** Names that tokens can be asked for, in alphabetical order. */
  async audiences({ signal, ...filter }: AudiencesOptions = {}): Promise<Audiences> {
    return this.#calls.call('tokens.audiences', filter, { signal });
  }

  /** A reply channel for sessions with endpoints of these owners. */
  async peer(targets: readonly string[], options?: CallOptions): Promise<PeerToken> {
    return this.#calls.call('tokens.peer', { targets }, options);
  }

  /** A reply channel for a guest's sessions. */
  async guestPeer(targets: readonly string[], options?: CallOptions): Promise<PeerToken> {
    return this.#calls.call('tokens.guest_peer', { targets }, options);
  }

  /** The hub's public keys. */
  async jwks(options?: CallOptions): Promise<JwkSet> {
    return this.#calls.call('tokens.jwks', {}, options);
  }

  /**
   * Asks the hub to judge a token that was made for the caller's services. One that does not count is an answer, too. A
   * service that sees many tokens asks a {@link Verifier} instead, which needs no request for each.
   */
  async verify(token: string, options?: CallOptions): Promise<Verification> {
    return this.#calls.call('tokens.verify', { token }, options);
  }
}
