import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { triple } from '../dist/native/triple';
import { Stack } from './support/stack';

const PACKAGE = resolve(__dirname, '..');
const PLATFORM = `syfthub.${triple()}.node`;

function run(folder: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** Puts the package as it is published, and that for this platform, where a program of `folder` finds them. */
function install(folder: string): void {
  const modules = join(folder, 'node_modules');
  const scope = join(modules, '@syfthub');
  mkdirSync(scope, { recursive: true });
  const [packed] = JSON.parse(run(PACKAGE, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder)) as [
    { filename: string },
  ];
  run(scope, 'tar', '-xzf', join(folder, packed.filename));
  cpSync(join(scope, 'package'), join(scope, 'sdk'), { recursive: true });
  const platform = join(scope, `sdk-${triple()}`);
  mkdirSync(platform);
  writeFileSync(join(platform, 'package.json'), JSON.stringify({ name: `@syfthub/sdk-${triple()}`, main: PLATFORM }));
  symlinkSync(join(PACKAGE, 'dist', 'native', PLATFORM), join(platform, PLATFORM));
  symlinkSync(join(PACKAGE, 'node_modules', '@types'), join(modules, '@types'));
}

/** The example of the README, asked of a hub that is there. */
function example(hub: string): string {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const text = /```typescript\n(.*?)```/s.exec(readme)?.[1];
  assert.ok(text !== undefined && text.includes("baseUrl: 'https://hub.syft.com'"));
  return text.replace('https://hub.syft.com', hub);
}

describe('a program of somebody who has the package installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syfthub-consumer-'));
  let stack: Stack;

  before(async () => {
    stack = await Stack.start();
    await stack.stranger().auth.register({
      username: 'alice',
      email: 'alice@example.com',
      fullName: 'Alice',
      password: 'secret123',
    });
    cpSync(join(PACKAGE, 'test', 'consumer'), folder, { recursive: true });
    writeFileSync(join(folder, 'esm', 'example.ts'), example(stack.said.hub));
    install(folder);
    run(folder, process.execPath, join(PACKAGE, 'node_modules', 'typescript', 'bin', 'tsc'));
  });
  after(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs the example of the README', async () => {
    const printed = run(folder, process.execPath, 'esm/example.js');
    assert.match(printed, /^data: /m);
    const [made] = await stack.stranger().hub.byOwner('alice').all().catch(() => []);
    assert.equal(made, undefined, 'it is private');
    const alice = stack.stranger();
    await alice.auth.login({ username: 'alice', password: 'secret123' });
    assert.deepEqual((await alice.myEndpoints.list().all()).map((one) => one.slug), ['my-data-source']);
  });

  it('runs in CommonJS', () => {
    assert.equal(run(folder, process.execPath, 'cjs/main.js', stack.said.hub), 'data\n404\n');
  });

  it('runs as a module, with the same classes', () => {
    assert.match(run(folder, process.execPath, 'esm/main.js'), /^\d+\.\d+\.\d+ true$/m);
  });
});
