import type { CallOptions, Calls } from '../calls';
import type {
  ErrorPage,
  ErrorReport,
  Level,
  Overview,
  ReportReceived,
  Role,
  ServiceErrorReport,
  UserPage,
} from '../types/wire';

/** Which users are meant. */
export interface UserFilter extends CallOptions {
  /** Only those with this in their name, username or address. */
  readonly search?: string | undefined;
  /** Only those who are this to the hub. */
  readonly role?: Role | undefined;
  /** Only those whose accounts are switched on, or off. */
  readonly isActive?: boolean | undefined;
}

/** Which users to find. */
export interface FindUsersOptions extends UserFilter {
  /** How many of the first to leave out. */
  readonly skip?: number | undefined;
  /** The most to give, 1 to 100; 100 unless given. */
  readonly limit?: number | undefined;
}

/** Which reports of errors to find. */
export interface FindErrorsOptions extends CallOptions {
  /** Only those of this service. */
  readonly service?: string | undefined;
  /** Only those of this level. */
  readonly level?: Level | undefined;
  /** Only those of this event. */
  readonly event?: string | undefined;
  /** Only those of the request with this id. */
  readonly correlationId?: string | undefined;
  /** Only those from then on, in RFC 3339. */
  readonly since?: string | undefined;
  /** Only those until then, in RFC 3339. */
  readonly until?: string | undefined;
  /** How many of the first to leave out. */
  readonly skip?: number | undefined;
  /** The most to give, 1 to 100; 100 unless given. */
  readonly limit?: number | undefined;
}

/** The whole hub, for its administrators; from {@link SyftHubClient.admin}. */
export class Admin {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** How much the hub holds. */
  async overview(options?: CallOptions): Promise<Overview> {
    return this.#calls.call('admin.overview', {}, options);
  }

  /** A page of users, and how many there are on all pages. */
  async users({ signal, ...filter }: FindUsersOptions = {}): Promise<UserPage> {
    return this.#calls.call('admin.users', filter, { signal });
  }

  /** All users that match, as a table in CSV. */
  async exportUsers({ signal, ...filter }: UserFilter = {}): Promise<string> {
    return this.#calls.call('admin.export_users', filter, { signal });
  }

  /** A page of reports of errors, newest first, and how many there are on all pages. */
  async errors({ signal, ...filter }: FindErrorsOptions = {}): Promise<ErrorPage> {
    return this.#calls.call('admin.errors', filter, { signal });
  }

  /** Tells the hub of an error that a user's program noticed, which everybody may. */
  async reportError(report: ErrorReport, options?: CallOptions): Promise<ReportReceived> {
    return this.#calls.call('errors.report', { body: report }, options);
  }

  /** Tells the hub of an error of a service of the same operator. */
  async reportServiceError(
    internalToken: string,
    report: ServiceErrorReport,
    options?: CallOptions,
  ): Promise<ReportReceived> {
    return this.#calls.call('errors.report_as_service', { internalToken, body: report }, options);
  }
}
