import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

import { native } from '../dist/native/load';

const RESOURCES = resolve(__dirname, '../dist/resources');
const SPACE = resolve(__dirname, '../dist/space');

it('every operation of the native half has a method, and every method an operation', () => {
  const { hub } = JSON.parse(native.operations()) as { hub: string[] };
  const written = readdirSync(RESOURCES).filter((file) => file.endsWith('.js'));
  const text = written.map((file) => readFileSync(join(RESOURCES, file), 'utf8')).join('');
  const named = [...text.matchAll(/#calls\.(?:call|list|events)\('([^']+)'/g)].map((found) => found[1] as string);
  // Defects are for the tests of failures.
  const operations = hub.filter((name) => !name.startsWith('defect.'));
  assert.deepEqual([...new Set(named)].sort(), operations.sort());
});

it('every operation on a space has a method, and every method an operation', () => {
  const { space } = JSON.parse(native.operations()) as { space: string[] };
  const written = readdirSync(SPACE).filter((file) => file.endsWith('.js'));
  const text = written.map((file) => readFileSync(join(SPACE, file), 'utf8')).join('');
  const named = [...text.matchAll(/calls\.(?:call|list|events)\(['`]([^'`]+)['`]/g)].map((found) => found[1] as string);
  // Datasets and models share their methods.
  const whole = named.flatMap((name) => ['dataset', 'model'].map((noun) => name.replace('${this.#noun}', noun)));
  assert.deepEqual([...new Set(whole)].sort(), space.sort());
});
