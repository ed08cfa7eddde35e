import { Calls } from './calls';
import { errorOf } from './errors';
import { native } from './native/load';
import type { NativeHub } from './native/types';
import { AccountingService, type ServiceAccount } from './resources/accounting';
import { Admin } from './resources/admin';
import { Agent } from './resources/agent';
import { Aggregators } from './resources/aggregators';
import { ApiTokens } from './resources/api-tokens';
import { Auth } from './resources/auth';
import { Chat } from './resources/chat';
import { Endpoints } from './resources/endpoints';
import { Hub } from './resources/hub';
import { Ledger } from './resources/ledger';
import { MyEndpoints } from './resources/my-endpoints';
import { Organizations } from './resources/organizations';
import { SyftAI } from './resources/syftai';
import { SatelliteTokens } from './resources/tokens';
import { Users } from './resources/users';
import type { Tokens } from './types/wire';

/** Where sessions are saved. */
export interface CredentialStore {
  /** The folder that says which there are. */
  readonly folder: string;
  /** Whether their tokens are in the operating system's keyring, where there is one; they are unless this is false. */
  readonly keyring?: boolean | undefined;
}

/** What a client is made of. Spans of time are in seconds. */
export interface ClientSettings {
  /** The address of the hub; that in the environment variable `SYFTHUB_URL` unless given. */
  readonly baseUrl?: string | undefined;
  /** The address of the aggregator; that in `SYFTHUB_AGGREGATOR_URL`, or else the hub's own, unless given. */
  readonly aggregatorUrl?: string | undefined;
  /** A personal access token to act with, which is never refreshed; that in `SYFTHUB_API_TOKEN` unless given. */
  readonly apiToken?: string | undefined;
  /** The tokens of a session to go on with. */
  readonly tokens?: Tokens | undefined;
  /** Where the session outlives the program; nowhere unless given. */
  readonly credentials?: CredentialStore | undefined;
  /** The most time one call may take, repetitions included; 30 unless given. Answers of models have their own. */
  readonly timeoutS?: number | undefined;
  /** The most time a connection may take to be made; 10 unless given. */
  readonly connectTimeoutS?: number | undefined;
  /** The most time a complete answer of a model may take; 300 unless given. */
  readonly answerTimeoutS?: number | undefined;
  /** The longest silence within a stream; 120 unless given. */
  readonly streamIdleTimeoutS?: number | undefined;
  /** How often what is safe to repeat is repeated; 2 unless given. */
  readonly retries?: number | undefined;
}

/** What is to be otherwise for some calls. */
export interface ClientChanges {
  /** The most time one call may take, repetitions included, in seconds. */
  readonly timeoutS?: number | undefined;
  /** Sent with every call that changes something, so that a ledger does it once. */
  readonly idempotencyKey?: string | undefined;
  /** The address of another aggregator. */
  readonly aggregatorUrl?: string | undefined;
  /** Calls as nobody in particular, whoever is signed in. */
  readonly guest?: boolean | undefined;
}

/**
 * A native half that is there already, in place of settings.
 *
 * @internal
 */
class Made {
  constructor(readonly hub: NativeHub) {}
}

/**
 * A hub, seen by one user.
 *
 * ```ts
 * const client = new SyftHubClient({ baseUrl: 'https://hub.example.org' });
 * await client.auth.login({ email: 'ada@example.org', password: 'correct horse 1' });
 * for await (const endpoint of client.hub.browse()) console.log(endpoint.name);
 * ```
 */
export class SyftHubClient {
  readonly #hub: NativeHub;
  readonly #calls: Calls;
  /** Signing up, in and out, and the caller's own account. */
  readonly auth: Auth;
  /** Finding what others publish, and stars. */
  readonly hub: Hub;
  /** What the signed-in user publishes. */
  readonly myEndpoints: MyEndpoints;
  /** Endpoints by their numbers, and how they are. */
  readonly endpoints: Endpoints;
  /** Questions to models over data sources. */
  readonly chat: Chat;
  /** Conversations with endpoints. */
  readonly agent: Agent;
  /** Single endpoints, asked at their spaces, without an aggregator. */
  readonly syftai: SyftAI;
  /** Tokens that prove the caller to services, and the keys that verify them. */
  readonly tokens: SatelliteTokens;
  /** Organizations and their members. */
  readonly organizations: Organizations;
  /** Profiles, and accounts for administrators. */
  readonly users: Users;
  /** Money: the account, payments, and who may charge. */
  readonly ledger: Ledger;
  /** The aggregators that the signed-in user keeps. */
  readonly aggregators: Aggregators;
  /** Personal access tokens. */
  readonly apiTokens: ApiTokens;
  /** The whole hub, for its administrators. */
  readonly admin: Admin;

  /**
   * Nothing is sent yet.
   *
   * @throws {TypeError} when a setting has the wrong type; its name is in `field`.
   * @throws {ConfigurationError} when an address is not an http or https URL.
   */
  constructor(settings?: ClientSettings);
  /** @internal */
  constructor(made: Made);
  constructor(settings: ClientSettings | Made = {}) {
    this.#hub = settings instanceof Made ? settings.hub : open(settings);
    const calls = new Calls(this.#hub);
    this.#calls = calls;
    this.auth = new Auth(calls);
    this.hub = new Hub(calls);
    this.myEndpoints = new MyEndpoints(calls);
    this.endpoints = new Endpoints(calls);
    this.chat = new Chat(calls);
    this.agent = new Agent(calls);
    this.syftai = new SyftAI(calls);
    this.tokens = new SatelliteTokens(calls);
    this.organizations = new Organizations(calls);
    this.users = new Users(calls);
    this.ledger = new Ledger(calls);
    this.aggregators = new Aggregators(calls);
    this.apiTokens = new ApiTokens(calls);
    this.admin = new Admin(calls);
  }

  /**
   * The same hub, session and connections with changes, for some calls.
   *
   * ```ts
   * const payment = { recipient: 'ada', amount: 2.5 };
   * await client.with({ timeoutS: 2, idempotencyKey: 'order-4711' }).ledger.pay(payment);
   * ```
   */
  with(changes: ClientChanges): SyftHubClient {
    try {
      return new SyftHubClient(new Made(this.#hub.with(JSON.stringify(changes))));
    } catch (thrown) {
      throw errorOf(thrown);
    }
  }

  /** An accounting service, for the account that {@link Users.accounting} tells of, or any other. */
  accounting(account: ServiceAccount): AccountingService {
    return new AccountingService(this.#calls, account);
  }
}

function open(settings: ClientSettings): NativeHub {
  const { SYFTHUB_URL, SYFTHUB_AGGREGATOR_URL, SYFTHUB_API_TOKEN } = process.env;
  const whole: ClientSettings = {
    ...settings,
    baseUrl: settings.baseUrl ?? SYFTHUB_URL,
    aggregatorUrl: settings.aggregatorUrl ?? SYFTHUB_AGGREGATOR_URL,
    apiToken: settings.apiToken ?? (settings.tokens === undefined ? SYFTHUB_API_TOKEN : undefined),
  };
  try {
    return new native.Hub(JSON.stringify(whole));
  } catch (thrown) {
    throw errorOf(thrown);
  }
}
