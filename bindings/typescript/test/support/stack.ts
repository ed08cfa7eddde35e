import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { type ClientSettings, SpaceClient, SyftHubClient } from '@syfthub/sdk';

/** Where cargo puts what it builds. */
const BUILT = process.env['SYFTHUB_TEST_BUILT'] ?? resolve(__dirname, '../../../../target/debug');

/** What `syfthub dev` says of itself. */
interface Said {
  readonly hub: string;
  readonly space: string;
  readonly username: string;
  readonly password: string;
  readonly model: string;
  readonly sources: readonly string[];
}

/** A hub, an aggregator and a space with a document and a model, in a process and a folder of their own. */
export class Stack {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly said: Said;

  private constructor(child: ChildProcess, folder: string, said: Said) {
    this.#child = child;
    this.#folder = folder;
    this.said = said;
  }

  /** Starts one and waits until it can be asked. */
  static async start(): Promise<Stack> {
    const folder = mkdtempSync(join(tmpdir(), 'syfthub-node-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'river.md'), '# The river\n\nWillows and reeds grow near the river.\n');
    const state = ['--state', join(folder, 'state'), '--data', data];
    const child = spawn(join(BUILT, 'syfthub'), ['dev', '--json', '--listen', '127.0.0.1:0', ...state], {
      env: { SYFTHUB_LIMIT_REGISTRATION: 'off', HOME: folder, SYFTHUB_CONFIG_DIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`syfthub dev ended with ${code}`);
    });
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    ended.catch(() => undefined);
    return new Stack(child, folder, JSON.parse(line) as Said);
  }

  /** A client that nobody has signed in with. */
  stranger(settings: Omit<ClientSettings, 'baseUrl'> = {}): SyftHubClient {
    return new SyftHubClient({ ...settings, baseUrl: this.said.hub });
  }

  /** A client of the user who owns the space. */
  async owner(): Promise<SyftHubClient> {
    const client = this.stranger();
    await client.auth.login({ username: this.said.username, password: this.said.password });
    return client;
  }

  /** A client of a new user of this name. */
  async user(username: string): Promise<SyftHubClient> {
    const client = this.stranger();
    const email = `${username}@example.org`;
    await client.auth.register({ username, email, fullName: username, password: 'correct horse 1' });
    return client;
  }

  /** A folder with the documents of the space, to which a test may add. */
  get data(): string {
    return join(this.#folder, 'data');
  }

  /** The space, as its owner sees it, or somebody with another key. */
  space(key = readFileSync(join(this.#folder, 'state', 'space', 'admin.key'), 'utf8').trim()): SpaceClient {
    const running = readFileSync(join(this.#folder, 'state', 'space', 'running.json'), 'utf8');
    return new SpaceClient({ baseUrl: (JSON.parse(running) as { admin_url: string }).admin_url, key });
  }

  /** Ends it and removes what it kept. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
