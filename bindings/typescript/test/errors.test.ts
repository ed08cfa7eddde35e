import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as sdk from '@syfthub/sdk';

import { native } from '../dist/native/load';
import { errorOf } from '../dist/errors';
import { Fixture } from './support/fixture';

type ErrorClass = new (...args: never[]) => sdk.SyftHubError;

/** What a call that must fail was rejected with. */
async function failure(call: Promise<unknown>): Promise<sdk.SyftHubError> {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof sdk.SyftHubError, String(error));
  return error;
}

/** What `call` is rejected with when the hub answers so. */
async function answered(
  status: number,
  body: unknown,
  call: (client: sdk.SyftHubClient) => Promise<unknown> = (client) => client.tokens.jwks(),
): Promise<sdk.SyftHubError> {
  const fixture = await Fixture.saying(status, body);
  try {
    return await failure(call(new sdk.SyftHubClient({ baseUrl: fixture.url, retries: 0 })));
  } finally {
    await fixture.stop();
  }
}

describe('an error', () => {
  const kinds: [number, ErrorClass, ErrorClass][] = [
    [400, sdk.ValidationError, sdk.SyftHubError],
    [401, sdk.AuthenticationError, sdk.SyftHubError],
    [403, sdk.AuthorizationError, sdk.SyftHubError],
    [404, sdk.NotFoundError, sdk.SyftHubError],
    [408, sdk.DeadlineError, sdk.NetworkError],
    [409, sdk.ConflictError, sdk.APIError],
    [422, sdk.ValidationError, sdk.SyftHubError],
    [429, sdk.RateLimitedError, sdk.APIError],
    [500, sdk.ServerError, sdk.APIError],
    [503, sdk.ServerError, sdk.APIError],
    [504, sdk.DeadlineError, sdk.NetworkError],
  ];
  for (const [status, kind, parent] of kinds) {
    it(`of status ${status} is a ${kind.name}`, async () => {
      const error = await answered(status, { detail: { code: 'SOME_CODE', message: 'because' } });
      assert.equal(error.constructor, kind);
      assert.ok(error instanceof parent);
      assert.deepEqual([error.name, error.message], [kind.name, 'because']);
      assert.deepEqual([error.status, error.code], [status, 'SOME_CODE']);
      assert.deepEqual(error.detail, { code: 'SOME_CODE', message: 'because' });
      assert.equal(typeof error.correlationId, 'string');
    });
  }

  it('tells that a user exists already', async () => {
    const registration = { username: 'ada', email: 'a@b.org', fullName: 'Ada', password: 'correct horse 1' };
    const detail = { code: 'USER_ALREADY_EXISTS', message: 'taken', field: 'email' };
    const error = await answered(409, { detail }, (client) => client.auth.register(registration));
    assert.equal(error.constructor, sdk.UserAlreadyExistsError);
    assert.ok(error instanceof sdk.ConflictError);
  });

  it('keeps what the server says of each field as it says it', async () => {
    const detail = [{ type: 'missing', loc: ['body', 'full_name'], msg: 'Field required', input: null }];
    const error = await answered(422, { detail });
    assert.equal(error.message, 'full_name: Field required');
    assert.deepEqual(error.detail, detail);
  });

  it('of an answer that cannot be read is a ProtocolError', async () => {
    assert.equal((await answered(200, ['no keys'])).constructor, sdk.ProtocolError);
  });

  it('of a deadline is a DeadlineError', async () => {
    const fixture = await Fixture.start(() => undefined);
    const client = new sdk.SyftHubClient({ baseUrl: fixture.url, timeoutS: 0.05, retries: 0 });
    assert.equal((await failure(client.tokens.jwks())).constructor, sdk.DeadlineError);
    await fixture.stop();
  });

  it('of nobody being there is an UnreachableError', async () => {
    const client = new sdk.SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });
    const error = await failure(client.tokens.jwks());
    assert.equal(error.constructor, sdk.UnreachableError);
    assert.ok(error instanceof sdk.NetworkError);
    assert.deepEqual([error.status, error.code, error.detail], [undefined, undefined, undefined]);
  });

  it('says where in the program the call was made', async () => {
    const client = new sdk.SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });
    const { stack } = await failure(client.tokens.jwks());
    assert.match(stack ?? '', /errors\.test/);
  });
});

describe('a stream', () => {
  it('that ends without its end being announced is an error', async () => {
    const fixture = await Fixture.start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('event: retrieval_start\ndata: {"sources":0}\n\nevent: token\ndata: {"content":"Wil"}\n\n');
    });
    const client = new sdk.SyftHubClient({ baseUrl: fixture.url });
    const events = client.chat.stream({ prompt: 'Why?', model: { url: 'http://127.0.0.1:1', slug: 'm' } });
    const kinds: string[] = [];
    const reading = (async () => {
      for await (const event of events) kinds.push(event.type);
    })();
    assert.equal((await failure(reading)).constructor, sdk.ConnectionInterruptedError);
    assert.deepEqual(kinds, ['retrieval_start', 'token']);
    assert.deepEqual(await events.next(), { value: undefined, done: true });
    await fixture.stop();
  });
});

describe('an argument', () => {
  const client = new sdk.SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });
  const wrong = (draft: object): Promise<unknown> => client.myEndpoints.create(draft as sdk.EndpointDraft);

  it('of the wrong type is a TypeError that names it, at every depth', async () => {
    const cases: [object, string][] = [
      [{ name: 7, type: 'model' }, 'name'],
      [{ name: 'n' }, 'type'],
      [{ name: 'n', type: 'model', tags: 'rag' }, 'tags'],
      [{ name: 'n', type: 'model', connect: [{ type: 7 }] }, 'connect[0].type'],
      [{ name: 'n', type: 'model', organizationId: 'seven' }, 'organizationId'],
      [{ name: 'n', type: 'model', nmae: 1 }, 'nmae'],
      [{ name: NaN, type: 'model' }, 'name'],
    ];
    for (const [draft, field] of cases) {
      await assert.rejects(wrong(draft), (error) => {
        assert.ok(error instanceof TypeError, `${JSON.stringify(draft)}: ${String(error)}`);
        assert.equal((error as { field?: string }).field, field);
        assert.ok(error.message.includes(field.replace(/.*\./, '')), error.message);
        return true;
      });
    }
  });

  it('of a value that cannot be used is a ValidationError that names it', async () => {
    await assert.rejects(wrong({ name: 'n', type: 'robot' }), (error) => {
      assert.ok(error instanceof sdk.ValidationError);
      assert.equal(error.field, 'type');
      return true;
    });
    await assert.rejects(client.hub.star('no path'), { name: 'ValidationError', field: 'path' });
  });

  it('of a list is refused when the list is read', async () => {
    const list = client.hub.browse({ type: 7 } as unknown as sdk.BrowseOptions);
    await assert.rejects(list.all(), { name: 'TypeError', field: 'type' });
    const pages = { pageSize: 'ten' } as unknown as sdk.BrowseOptions;
    assert.throws(() => client.hub.browse(pages), { name: 'TypeError', field: 'pageSize' });
  });
});

describe('a defect of the native half', () => {
  const target = new native.Hub('{"baseUrl":"http://127.0.0.1:1"}');

  it('is an InternalError, and the process goes on', async () => {
    const thrown = await target.call('defect.call', '{"reason":"the sky fell"}').catch(errorOf);
    assert.ok(thrown instanceof sdk.InternalError);
    assert.equal(thrown.message, 'the sky fell');
  });

  it('within a stream comes after what was well', async () => {
    const texts = target.open('defect.stream', '{"reason":"the sky fell"}', 64);
    assert.deepEqual(await texts.next(), ['0']);
    assert.ok((await texts.next().catch(errorOf)) instanceof sdk.InternalError);
    assert.deepEqual(await texts.next(), []);
  });
});
