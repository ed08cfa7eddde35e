import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { type ChatEvent, NotFoundError, type Question, type SyftHubClient } from '@syfthub/sdk';

import { Stack } from './support/stack';

describe('a question', () => {
  let stack: Stack;
  let client: SyftHubClient;
  let question: Question;

  before(async () => {
    stack = await Stack.start();
    client = await stack.owner();
    const { model, sources } = stack.said;
    question = { prompt: 'What grows near the river?', model, sources: [...sources], similarityThreshold: 0 };
  });
  after(() => stack.stop());

  it('is answered with the documents that the answer rests on', async () => {
    const answer = await client.chat.complete(question);
    assert.match(answer.response, /willows/i);
    const [document] = Object.values(answer.sources);
    assert.equal(document?.slug, stack.said.sources[0]);
    assert.deepEqual(answer.retrievalInfo.map((one) => one.status), ['success']);
    assert.equal(typeof answer.metadata.totalTimeMs, 'number');
  });

  it('is answered step by step, and the last step has the whole answer', async () => {
    const events: ChatEvent[] = [];
    for await (const event of client.chat.stream(question)) events.push(event);
    const kinds = new Set(events.map((event) => event.type));
    for (const kind of ['retrieval_start', 'source_complete', 'retrieval_complete', 'generation_start'] as const) {
      assert.ok(kinds.has(kind), kind);
    }
    const text = events.map((event) => (event.type === 'token' ? event.content : '')).join('');
    const last = events.at(-1);
    assert.ok(last?.type === 'done');
    assert.equal(last.response, text);
    assert.match(text, /willows/i);
  });

  it('goes to sources alone when only documents are wanted', async () => {
    const { prompt, sources } = question;
    const found = await client.chat.retrieve({ prompt, sources, similarityThreshold: 0 });
    assert.equal(found.response, '');
    assert.match(Object.values(found.sources)[0]?.content ?? '', /reeds/i);
  });

  it('is answered without an aggregator, too', async () => {
    const answer = await client.chat.complete({ ...question, direct: true });
    assert.match(answer.response, /willows/i);
  });

  it('to an endpoint that is not there is not answered', async () => {
    await assert.rejects(client.chat.complete({ ...question, model: 'dev/nothing' }), NotFoundError);
  });

  it('that names its model wrongly is refused by the name of the argument', async () => {
    const wrong = { ...question, model: 7 } as unknown as Question;
    await assert.rejects(client.chat.complete(wrong), { name: 'TypeError', field: 'model' });
  });

  it('can be asked of ten at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.chat.complete(question)));
    assert.ok(answers.every(({ response }) => /willows/i.test(response)));
  });
});
