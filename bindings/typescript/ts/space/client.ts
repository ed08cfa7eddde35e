import { type CallOptions, Calls } from '../calls';
import { errorOf } from '../errors';
import type { List } from '../list';
import { native } from '../native/load';
import type { NativeTarget } from '../native/types';
import { SpaceEndpoints } from './endpoints';
import { Ingestion } from './ingestion';
import { Marketplaces } from './marketplaces';
import { Datasets, Models } from './parts';
import { Policies } from './policies';
import { Provisioners } from './provisioners';
import { Settings } from './settings';
import { Accounts, Tenants } from './tenants';
import type { Event, Folder } from './wire';

/** What a client of a space is made of. Spans of time are in seconds. */
export interface SpaceSettings {
  /** The address of the admin API, or the one for callers; that in `SYFTHUB_SPACE_ADMIN_URL` unless given. */
  readonly baseUrl?: string | undefined;
  /** The admin key, or the token of a tenant's account; for callers a satellite token. */
  readonly key?: string | undefined;
  /** For which tenant; that in `SYFTHUB_SPACE_TENANT`, or else the one that is always there, unless given. */
  readonly tenant?: string | undefined;
  /** The most time one call may take, repetitions included; 30 unless given. */
  readonly timeoutS?: number | undefined;
  /** The most time a connection may take to be made; 10 unless given. */
  readonly connectTimeoutS?: number | undefined;
  /** The most time a call may take that waits for a model or a database; 300 unless given. */
  readonly answerTimeoutS?: number | undefined;
  /** The longest silence within a stream; 120 unless given. */
  readonly streamIdleTimeoutS?: number | undefined;
  /** How often what is safe to repeat is repeated; 2 unless given. */
  readonly retries?: number | undefined;
}

/** What listens at an address of a space. */
export interface Index {
  message: string;
  version: string;
  /** The path of a page that describes what can be asked here, where there is one. */
  docs?: string;
}

/** Whether a space is up. */
export interface Health {
  status: string;
  version: string;
}

/** Which changes are asked for. */
export interface ChangesOptions extends CallOptions {
  /** Only changes before this one. */
  readonly before?: number | undefined;
  /** How many to fetch at a time, 1 to 1000; 100 unless given. */
  readonly pageSize?: number | undefined;
}

/**
 * A space: a process that keeps documents and models, and answers questions about them.
 *
 * A space listens twice. With the admin key, which is in `admin.key` of its folder, and the address of its admin API
 * everything here works. At the address where it answers callers, `endpoints.query`, `endpoints.stream`, `health`, `ready`
 * and the health of a part work, with a satellite token as the key.
 *
 * ```ts
 * const space = new SpaceClient({ baseUrl: 'http://127.0.0.1:8082', key });
 * for (const dataset of await space.datasets.list()) console.log(dataset.name);
 * ```
 */
export class SpaceClient {
  readonly #calls: Calls;
  /** Documents that can be searched. */
  readonly datasets: Datasets;
  /** Models that answer. */
  readonly models: Models;
  /** What callers ask. */
  readonly endpoints: SpaceEndpoints;
  /** Who may ask, how often and at what price, and what was decided. */
  readonly policies: Policies;
  /** Files on their way into an index. */
  readonly ingestion: Ingestion;
  /** The databases that the space runs itself. */
  readonly provisioners: Provisioners;
  /** The hubs that the space is connected to. */
  readonly marketplaces: Marketplaces;
  /** Where the space is reached. */
  readonly settings: Settings;
  /** Who shares the space. */
  readonly tenants: Tenants;
  /** The accounts that act for tenants. */
  readonly accounts: Accounts;

  /**
   * Nothing is sent yet.
   *
   * @throws {TypeError} when a setting has the wrong type; its name is in `field`.
   * @throws {ConfigurationError} when the address is not an http or https URL.
   */
  constructor(settings: SpaceSettings = {}) {
    const calls = new Calls(open(settings));
    this.#calls = calls;
    this.datasets = new Datasets(calls);
    this.models = new Models(calls);
    this.endpoints = new SpaceEndpoints(calls);
    this.policies = new Policies(calls);
    this.ingestion = new Ingestion(calls);
    this.provisioners = new Provisioners(calls);
    this.marketplaces = new Marketplaces(calls);
    this.settings = new Settings(calls);
    this.tenants = new Tenants(calls);
    this.accounts = new Accounts(calls);
  }

  /** What listens at the address, for people. Needs no key. */
  async index(options?: CallOptions): Promise<Index> {
    return this.#calls.call('index', {}, options);
  }

  /** Whether the process answers, at the address for callers. Needs no key. */
  async health(options?: CallOptions): Promise<Health> {
    return this.#calls.call('health', {}, options);
  }

  /** Whether the space can do its work, at the address for callers: its database answers too. Needs no key. */
  async ready(options?: CallOptions): Promise<Health> {
    return this.#calls.call('ready', {}, options);
  }

  /** What is in a folder of the space's machine, to choose what to share; `~`, where one may begin, unless named. */
  async browse(path?: string, options: CallOptions & { showHidden?: boolean } = {}): Promise<Folder> {
    return this.#calls.call('browse', { path, showHidden: options.showHidden }, options);
  }

  /** What was changed in the space and by whom, newest first. */
  changes(options?: ChangesOptions): List<Event> {
    return this.#calls.list('changes', options);
  }
}

function open(settings: SpaceSettings): NativeTarget {
  const { SYFTHUB_SPACE_ADMIN_URL, SYFTHUB_SPACE_TENANT } = process.env;
  const whole: SpaceSettings = {
    ...settings,
    baseUrl: settings.baseUrl ?? SYFTHUB_SPACE_ADMIN_URL,
    tenant: settings.tenant ?? SYFTHUB_SPACE_TENANT,
  };
  try {
    return new native.Space(JSON.stringify(whole));
  } catch (thrown) {
    throw errorOf(thrown);
  }
}
