// Failures of which some come from a real hub, and others from servers and connections that break on request.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@syfthub/sdk';

import { Fixture } from './support/fixture';
import { Stack } from './support/stack';

type ErrorClass = new (...facts: never[]) => sdk.SyftHubError;

/** What the promise, which must be rejected, is rejected with. */
async function thrownBy(promise: Promise<unknown>): Promise<sdk.SyftHubError> {
  const thrown: unknown = await promise.then(
    () => assert.fail('nothing was thrown'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof sdk.SyftHubError, String(thrown));
  return thrown;
}

describe('a hub', () => {
  let stack: Stack;
  let user: sdk.SyftHubClient;
  before(async () => {
    stack = await Stack.start();
    user = await stack.user('ruth');
  });
  after(() => stack.stop());

  it('refuses each in its own way, and says under which id', async () => {
    const ruth = { username: 'ruth', email: 'ruth@example.org', fullName: 'R', password: 'correct horse 1' };
    const rick = { username: 'rick', email: 'rick@example.org', fullName: 'R', password: 'a' };
    const refusals: [() => Promise<unknown>, ErrorClass, number, string | undefined][] = [
      [() => stack.stranger().auth.login({ username: 'ruth', password: 'x' }), sdk.AuthenticationError, 401, undefined],
      [() => user.ledger.deposit({ recipientUsername: 'ruth', amount: 1 }), sdk.AuthorizationError, 403, undefined],
      [() => user.ledger.confirm('018f0000-0000-7000-8000-000000000000'), sdk.NotFoundError, 404, 'NOT_FOUND'],
      [() => user.auth.register(ruth), sdk.UserAlreadyExistsError, 409, 'USER_ALREADY_EXISTS'],
      [() => user.auth.register(rick), sdk.ValidationError, 422, undefined],
    ];
    for (const [call, kind, status, code] of refusals) {
      const error = await thrownBy(call());
      assert.deepEqual([error.constructor, error.status, error.code], [kind, status, code]);
      assert.match(error.correlationId ?? '', /^[0-9a-f-]{36}$/);
      assert.notEqual(error.detail, undefined);
    }
  });

  it('is not asked by whoever is not signed in', async () => {
    const error = await thrownBy(stack.stranger().auth.me());
    assert.deepEqual([error.constructor, error.status], [sdk.AuthenticationError, undefined]);
  });

  it('never sees its secrets again in what is thrown', async () => {
    const error = await thrownBy(stack.stranger().auth.login({ username: 'ruth', password: 'open-sesame-99' }));
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /open-sesame/);
  });
});

describe('a connection', () => {
  /** What asking is rejected with. */
  async function asking(fixture: Fixture): Promise<sdk.SyftHubError> {
    const error = await thrownBy(new sdk.SyftHubClient({ baseUrl: fixture.url, retries: 0 }).tokens.jwks());
    await fixture.stop();
    return error;
  }

  it('that breaks before the answer is an interruption', async () => {
    const error = await asking(await Fixture.start((request) => request.socket.destroy()));
    assert.deepEqual([error.constructor, error.status], [sdk.ConnectionInterruptedError, undefined]);
  });

  it('that breaks within the answer is an interruption', async () => {
    const broken = await Fixture.start((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"ke', () => response.destroy());
    });
    assert.equal((await asking(broken)).constructor, sdk.ConnectionInterruptedError);
  });

  it('to somebody else than a hub is a matter of the protocol', async () => {
    for (const body of ['<html>Welcome</html>', '{"ke', '']) {
      const other = await Fixture.start((_, response) => response.end(body));
      assert.equal((await asking(other)).constructor, sdk.ProtocolError, body);
    }
    const moved = await Fixture.start((_, response) => response.writeHead(301, { location: 'http://elsewhere' }).end());
    const error = await asking(moved);
    assert.deepEqual([error.constructor, error.status], [sdk.ProtocolError, 301]);
  });

  it('tells the id that the server gave the request, and when to come back', async () => {
    const headers = { 'x-correlation-id': 'c-7', 'retry-after': '7' };
    const busy = await Fixture.start((_, response) => response.writeHead(429, headers).end('{"detail":"slow down"}'));
    const error = await asking(busy);
    assert.ok(error instanceof sdk.RateLimitedError);
    assert.deepEqual([error.correlationId, error.retryAfter, error.message], ['c-7', 7, 'slow down']);
  });
});

describe('a streamed answer', () => {
  const BEGUN = 'event: token\ndata: {"content":"Reeds and sedge"}\n\n';

  /** The answer of an aggregator that behaves so. */
  function answer(fixture: Fixture, settings: { idleTimeoutS?: number } = {}): AsyncIterable<sdk.ChatEvent> {
    const hub = new sdk.SyftHubClient({ baseUrl: 'http://127.0.0.1:1', aggregatorUrl: fixture.url, retries: 0 });
    const model = { url: 'http://127.0.0.1:1', slug: 'words' };
    return hub.chat.stream({ prompt: 'Why?', model, guest: true, ...settings });
  }

  /** The text that came before the error, and the error. */
  async function broken(fixture: Fixture, settings?: { idleTimeoutS?: number }): Promise<[string, sdk.SyftHubError]> {
    let text = '';
    const reading = async (): Promise<void> => {
      for await (const event of answer(fixture, settings)) if (event.type === 'token') text += event.content;
    };
    const error = await thrownBy(reading());
    await fixture.stop();
    return [text, error];
  }

  it('whose connection breaks within an event is an interruption', async () => {
    const cut = [BEGUN, 'event: done\ndata: {"sour'];
    const [text, error] = await broken(await Fixture.streaming(cut, (response) => response.destroy()));
    assert.deepEqual([text, error.constructor], ['Reeds and sedge', sdk.ConnectionInterruptedError]);
  });

  it('that falls silent is an interruption', async () => {
    const silent = await Fixture.streaming([BEGUN], () => undefined);
    const [text, error] = await broken(silent, { idleTimeoutS: 0.2 });
    assert.deepEqual([text, error.constructor], ['Reeds and sedge', sdk.ConnectionInterruptedError]);
  });

  it('with an event that cannot be read is a matter of the protocol', async () => {
    const garbage = await Fixture.streaming(['event: token\ndata: {"content":\n\n'], (response) => response.end());
    assert.equal((await broken(garbage))[1].constructor, sdk.ProtocolError);
  });

  it('in which the model fails tells what was paid all the same', async () => {
    const told = { message: 'no model', error: 'generation_failed', billing: { total_cost: 0.5, entries: [] } };
    const failing = [BEGUN, `event: error\ndata: ${JSON.stringify(told)}\n\n`];
    const [text, error] = await broken(await Fixture.streaming(failing, (response) => response.end()));
    assert.ok(error instanceof sdk.GenerationError && error instanceof sdk.ChatError);
    assert.deepEqual([text, error.message, error.code], ['Reeds and sedge', 'no model', 'generation_failed']);
    assert.equal((error.billing as { totalCost?: number }).totalCost, 0.5);
  });

  it('that arrives byte by byte is whole', async () => {
    const whole = 'event: token\ndata: {"content":"Reeds \u{1f33e}"}\n\nevent: done\ndata: {"sources":{}}\n\n';
    const bytes = Array.from(Buffer.from(whole), (byte) => String.fromCharCode(byte));
    const fixture = await Fixture.streaming(bytes, (response) => response.end());
    const events: sdk.ChatEvent[] = [];
    for await (const event of answer(fixture)) events.push(event);
    assert.deepEqual(events[0], { type: 'token', content: 'Reeds \u{1f33e}' });
    assert.equal(events.at(-1)?.type, 'done');
    await fixture.stop();
  });
});

describe('an argument', () => {
  const hub = new sdk.SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });

  it('that is no money is refused by its name', async () => {
    const pay = (amount: unknown): Promise<unknown> => hub.ledger.pay({ recipient: 'ada', amount: amount as number });
    for (const amount of [Number.NaN, 'much', null, undefined]) {
      await assert.rejects(pay(amount), { name: 'TypeError', field: 'amount' }, String(amount));
    }
    for (const amount of [-1, 0.0000001, 1e300]) {
      await assert.rejects(pay(amount), { name: 'ValidationError', field: 'amount' }, String(amount));
    }
  });

  it('with half of a character is refused by its name', async () => {
    const login = hub.auth.login({ username: '\ud83d', password: 'x' });
    await assert.rejects(login, { name: 'ValidationError', field: 'username' });
  });

  it('that is null, or of another type, is refused by its name', async () => {
    await assert.rejects(hub.hub.star(null as never), { name: 'TypeError', field: 'path' });
    await assert.rejects(hub.organizations.get('seven' as never), { name: 'TypeError', field: 'organization' });
  });
});
