import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, describe, it } from 'node:test';

import { SyftHubClient } from '@syfthub/sdk';

import { Fixture } from './support/fixture';

const QUESTION = { prompt: 'Why?', model: { url: 'http://127.0.0.1:1', slug: 'model' } };
const EVENT = 'event: retrieval_start\ndata: {"sources":0}\n\n';

describe('a caller who no longer waits', () => {
  const seen = new EventEmitter();
  let fixture: Fixture;
  let client: SyftHubClient;

  before(async () => {
    // Says how many requests came and went; answers streams with one event, and everything else with silence.
    fixture = await Fixture.start((request, response) => {
      response.on('close', () => seen.emit('gone'));
      if (request.url?.endsWith('/chat/stream') === true) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(EVENT);
      }
      request.resume().on('end', () => seen.emit('asked'));
    });
    client = new SyftHubClient({ baseUrl: fixture.url });
  });
  after(() => fixture.stop());

  it('ends the request, and gets the reason of the signal', async () => {
    const controller = new AbortController();
    const asked = once(seen, 'asked');
    const answer = client.tokens.jwks({ signal: controller.signal });
    await asked;
    const gone = once(seen, 'gone');
    controller.abort();
    await assert.rejects(answer, { name: 'AbortError' });
    await gone;
  });

  it('can give a reason of their own', async () => {
    const controller = new AbortController();
    const answer = client.tokens.jwks({ signal: controller.signal });
    controller.abort(new RangeError('enough'));
    await assert.rejects(answer, { name: 'RangeError', message: 'enough' });
  });

  it('can say beforehand how long to wait', async () => {
    const answer = client.tokens.jwks({ signal: AbortSignal.timeout(20) });
    await assert.rejects(answer, { name: 'TimeoutError' });
  });

  it('leaves no listener behind on a signal that does not fire', async () => {
    const refused = new SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
    await refused.tokens.jwks({ signal }).catch(() => undefined);
    assert.equal(listeners, 0);
  });

  it('ends a stream by leaving the loop', async () => {
    const gone = once(seen, 'gone');
    for await (const event of client.chat.stream(QUESTION)) {
      assert.deepEqual(event, { type: 'retrieval_start', sources: 0 });
      break;
    }
    await gone;
  });

  it('ends a stream while its next event is awaited', async () => {
    const events = client.chat.stream(QUESTION);
    await events.next();
    const gone = once(seen, 'gone');
    const next = events.next();
    assert.deepEqual(await events.return(), { value: undefined, done: true });
    assert.deepEqual(await next, { value: undefined, done: true });
    await gone;
  });

  it('ends a stream with a signal, and gets its reason', async () => {
    const controller = new AbortController();
    const events = client.chat.stream(QUESTION, { signal: controller.signal });
    await events.next();
    const gone = once(seen, 'gone');
    const next = events.next();
    controller.abort();
    await assert.rejects(next, { name: 'AbortError' });
    assert.deepEqual(await events.next(), { value: undefined, done: true });
    await gone;
  });

  it('sends nothing at all with a signal that has fired', async () => {
    let asked = false;
    seen.once('asked', () => (asked = true));
    const signal = AbortSignal.abort();
    await assert.rejects(client.tokens.jwks({ signal }), { name: 'AbortError' });
    await assert.rejects(client.chat.stream(QUESTION, { signal }).next(), { name: 'AbortError' });
    await assert.rejects(client.hub.browse({ signal }).all(), { name: 'AbortError' });
    assert.equal(asked, false);
    seen.removeAllListeners('asked');
  });
});
