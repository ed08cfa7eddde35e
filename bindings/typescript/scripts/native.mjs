// Builds the native half with cargo's dev profile and puts it beside the compiled half, where the loader looks first.
// `--release` builds it for others.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import process from 'node:process';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const { triple } = require('../dist/native/triple.js');

const release = process.argv.includes('--release');
const cargo = ['build', '--locked', '--package', 'syfthub-node', '--message-format', 'json-render-diagnostics'];
if (release) cargo.push('--release');

const built = spawnSync(process.env.CARGO ?? 'cargo', cargo, {
  cwd: here,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (built.error) throw built.error;
if (built.status !== 0) process.exit(built.status ?? 1);

const library = built.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'syfthub_node')
  .flatMap((message) => message.filenames)
  .find((file) => /\.(so|dylib|dll)$/.test(file));
if (library === undefined) throw new Error('cargo built no library of syfthub-node');

const folder = join(here, 'dist', 'native');
const target = join(folder, `syfthub.${triple()}.node`);
mkdirSync(folder, { recursive: true });
// A program that runs keeps the file it has loaded: the new one takes its name, not its place.
copyFileSync(library, `${target}.new`);
renameSync(`${target}.new`, target);
