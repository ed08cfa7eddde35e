import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

import { native } from '../dist/native/load';

const RESOURCES = resolve(__dirname, '../dist/resources');

it('every operation of the native half has a method, and every method an operation', () => {
  const { hub } = JSON.parse(native.operations()) as { hub: string[] };
  const written = readdirSync(RESOURCES).filter((file) => file.endsWith('.js'));
  const text = written.map((file) => readFileSync(join(RESOURCES, file), 'utf8')).join('');
  const named = [...text.matchAll(/#calls\.(?:call|list|events)\('([^']+)'/g)].map((found) => found[1] as string);
  // Defects are for the tests of failures.
  const operations = hub.filter((name) => !name.startsWith('defect.'));
  assert.deepEqual([...new Set(named)].sort(), operations.sort());
});
