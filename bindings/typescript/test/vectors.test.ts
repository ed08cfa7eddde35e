// The vectors that every language answers: here JavaScript does. `bindings/calls/tests` and `bindings/python/tests` have
// the same test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';

import * as sdk from '@syfthub/sdk';

import { errorOf } from '../dist/errors';
import { native } from '../dist/native/load';

/** One case of a file. */
interface Case {
  readonly name: string;
  readonly operation: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly expected: string;
  readonly raises?: keyof typeof sdk;
}

const VECTORS = resolve(__dirname, '../../vectors');
const FILES = ['tokens', 'slugs', 'prompts', 'sse', 'errors'];

function casesOf(file: string): readonly Case[] {
  return (JSON.parse(readFileSync(resolve(VECTORS, `${file}.json`), 'utf8')) as { cases: Case[] }).cases;
}

/** The arguments as JavaScript names them. */
function inCamelCase(args: Case['arguments']): string {
  const spelled = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return JSON.stringify(Object.fromEntries(Object.entries(args).map(([name, value]) => [spelled(name), value])));
}

describe('every vector', () => {
  for (const file of FILES) {
    it(`of ${file} is answered byte for byte`, () => {
      const cases = casesOf(file);
      assert.ok(cases.length > 0);
      for (const one of cases) {
        const told = native.pure(one.operation, inCamelCase(one.arguments));
        assert.ok(Buffer.from(told).equals(Buffer.from(one.expected)), `${one.name}: ${told}`);
      }
    });
  }
});

describe('every error', () => {
  it('is thrown as the class of its kind, with what the answer said', () => {
    for (const one of casesOf('errors')) {
      const told = JSON.parse(one.expected) as { message: string; status: number; code: string | null; detail: unknown };
      const error = errorOf(new Error(one.expected));
      assert.ok(one.raises !== undefined && error instanceof sdk.SyftHubError, one.name);
      assert.equal(error.name, one.raises, one.name);
      assert.equal(error.message, told.message, one.name);
      assert.deepEqual([error.status, error.code ?? null], [told.status, told.code], one.name);
      assert.deepEqual(error.detail ?? null, told.detail, one.name);
    }
  });
});
