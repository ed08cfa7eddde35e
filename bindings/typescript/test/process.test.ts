import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { it } from 'node:test';

import { Fixture } from './support/fixture';
import { SyftHubClient } from '@syfthub/sdk';

/** Runs a program with `client` at hand in a process of its own, and gives what it printed. */
function run(url: string, program: string): string {
  const text = `
    const { SyftHubClient } = require('@syfthub/sdk');
    const client = new SyftHubClient({ baseUrl: '${url}', retries: 0 });
    (async () => { ${program} })();
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', text], {
    cwd: resolve(__dirname, '..'),
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

it('a process ends when its calls have', () => {
  const printed = run('http://127.0.0.1:1', "await client.tokens.jwks().catch((error) => console.log(error.name));");
  assert.equal(printed, 'UnreachableError\n');
});

it('a process does not end before its calls have', () => {
  const printed = run(
    'http://127.0.0.1:1',
    "client.tokens.jwks().catch((error) => console.log(error.name)); console.log('asked');",
  );
  assert.equal(printed, 'asked\nUnreachableError\n');
});

it('a client that is only held keeps no process alive, and neither does a list that nobody reads to its end', () => {
  assert.equal(run('http://127.0.0.1:1', "client.hub.browse(); console.log('done');"), 'done\n');
});

it('nothing else waits while a call does', async () => {
  const fixture = await Fixture.start((_, response) => {
    setTimeout(() => response.end('{"keys":[]}'), 200);
  });
  const client = new SyftHubClient({ baseUrl: fixture.url });
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 5);
  await Promise.all(Array.from({ length: 20 }, () => client.tokens.jwks()));
  clearInterval(ticking);
  assert.ok(turns >= 10, `${turns} turns`);
  await fixture.stop();
});
