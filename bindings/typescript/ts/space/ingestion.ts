import type { CallOptions, Calls } from '../calls';
import type { Reader } from '../reader';
import type { Jobs, Preview, Told } from './wire';

/** How far a dataset is: its files, counted by how far each is. */
export interface IngestionStatus {
  datasetId: string;
  datasetName: string;
  /** Whether changes to its files are seen. */
  isWatching: boolean;
  totalJobs: number;
  pending: number;
  inProgress: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** Which files of a dataset are asked for. */
export interface JobsOptions extends CallOptions {
  /** Only files that are this far: `pending`, `in_progress`, `completed`, `failed` or `cancelled`. */
  readonly status?: string | undefined;
  /** At most so many, 1 to 1000; 100 unless given. */
  readonly limit?: number | undefined;
  /** How many to leave out. */
  readonly offset?: number | undefined;
}

/** Files on their way into an index, by the ids of their datasets; from {@link SpaceClient.ingestion}. */
export class Ingestion {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** How far a dataset is. */
  async status(dataset: string, options?: CallOptions): Promise<IngestionStatus> {
    return this.#calls.call('ingestion.status', { dataset }, options);
  }

  /** A page of a dataset's files, newest first, with how many there are. */
  async jobs(dataset: string, { signal, ...filter }: JobsOptions = {}): Promise<Jobs> {
    return this.#calls.call('ingestion.jobs', { dataset, ...filter }, { signal });
  }

  /** Watches the files of a dataset, and reads what has changed. */
  async start(
    dataset: string,
    options?: CallOptions,
  ): Promise<{ message: string; jobsCreated: number; isWatching: boolean }> {
    return this.#calls.call('ingestion.start', { dataset }, options);
  }

  /** Stops watching the files, and takes those that wait off the queue. */
  async stop(dataset: string, options?: CallOptions): Promise<{ message: string; jobsCancelled: number }> {
    return this.#calls.call('ingestion.stop', { dataset }, options);
  }

  /** Reads the files again that could not be read. */
  async retry(dataset: string, options?: CallOptions): Promise<{ message: string; jobsReset: number }> {
    return this.#calls.call('ingestion.retry', { dataset }, options);
  }

  /** Takes one file off the queue. */
  async cancel(
    dataset: string,
    job: string,
    options?: CallOptions,
  ): Promise<{ message: string; jobsCancelled: number }> {
    return this.#calls.call('ingestion.cancel', { dataset, job }, options);
  }

  /** Which files a dataset of this configuration would share; of type `local_file` unless said otherwise. */
  async preview(
    configuration: Record<string, unknown>,
    options: CallOptions & { dtype?: string } = {},
  ): Promise<Preview> {
    const { dtype = 'local_file' } = options;
    return this.#calls.call('ingestion.preview', { dtype, configuration }, options);
  }

  /**
   * How far a dataset is now, and every change of that; every dataset's, unless one is named. It goes on until the loop is
   * left or the space stops.
   */
  follow(dataset?: string, options?: CallOptions): Reader<Told> {
    return this.#calls.events('ingestion.follow', { dataset }, options);
  }
}
