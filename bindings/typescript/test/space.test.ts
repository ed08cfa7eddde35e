import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import {
  AuthenticationError,
  ConfigurationError,
  ConflictError,
  NotFoundError,
  SpaceClient,
  type space as wire,
} from '@syfthub/sdk';

import { Stack } from './support/stack';

describe('a space', () => {
  let stack: Stack;
  let space: SpaceClient;
  before(async () => {
    stack = await Stack.start();
    space = stack.space();
  });
  after(() => stack.stop());

  it('says what it is at both of its addresses', async () => {
    assert.match((await space.index()).message, /administration/);
    const callers = new SpaceClient({ baseUrl: stack.said.space });
    assert.equal((await callers.health()).status, 'healthy');
    assert.equal((await callers.ready()).status, 'healthy');
    assert.equal((await callers.models.health('extractive')).status, 'healthy');
    await assert.rejects(callers.datasets.list(), AuthenticationError);
  });

  it('is built from folders to answers, and taken apart again', async () => {
    const folder = join(stack.data, 'birds');
    mkdirSync(folder);
    writeFileSync(join(folder, 'heron.md'), '# Herons\n\nA heron stands in shallow water.\n');
    const configuration = { filePaths: [{ path: folder, description: 'Birds' }] };
    assert.equal((await space.ingestion.preview(configuration)).files, 1);

    const made = await space.datasets.create({ name: 'birds', dtype: 'local_file', configuration, tags: 'a,b' });
    assert.deepEqual((made.configuration['filePaths'] as { description: string }[])[0]?.description, 'Birds');
    let last: wire.Told | undefined;
    for await (const step of space.ingestion.follow(made.id)) {
      last = step;
      if (step.ready && step.total > 0) break;
    }
    assert.deepEqual([last?.datasetName, last?.done, last?.percent], ['birds', 1, 100]);
    const jobs = await space.ingestion.jobs(made.id, { status: 'completed', limit: 5 });
    assert.deepEqual([jobs.total, jobs.jobs[0]?.fileName], [1, 'heron.md']);

    const endpoint = await space.endpoints.create({ name: 'Birds', slug: 'birds', datasetId: made.id, responseType: 'raw' });
    assert.equal(endpoint.published, false);
    const detail = await space.endpoints.get('birds');
    assert.deepEqual([detail.dataset?.name, detail.model, detail.policies], ['birds', null, []]);
    const answer = await space.endpoints.query('birds', { messages: 'Where does a heron stand?', limit: 1 });
    assert.match(answer.references?.documents[0]?.content ?? '', /shallow water/);

    await assert.rejects(space.datasets.delete('birds'), ConflictError);
    assert.match((await space.datasets.delete('birds', { force: true })).message, /deleted/);
    await assert.rejects(space.endpoints.get('birds'), NotFoundError);
  });

  it('writes an answer piece by piece, and ends with the whole', async () => {
    const messages = [
      { role: 'system', content: 'Retrieved documents:\n[1] Reeds grow near the river.' },
      { role: 'user', content: 'What grows near the river?' },
    ];
    const pieces: string[] = [];
    let whole: wire.Answer | undefined;
    for await (const event of space.endpoints.stream('extractive', { messages })) {
      if (event.event === 'token') pieces.push(event.content);
      else whole = event.answer;
    }
    assert.ok(pieces.length > 0);
    assert.equal(whole?.summary?.message.content, pieces.join(''));
    assert.equal(whole?.summary?.finishReason, 'stop');
  });

  it('is guarded by policies, whose settings keep their names', async () => {
    const endpoint = await space.endpoints.get('extractive');
    const policy = await space.policies.create({
      name: 'fair use',
      policyType: 'rate_limit',
      endpointId: endpoint.id,
      configuration: { limit: '50/m', applied_to: ['*'] },
    });
    assert.deepEqual((policy.configuration['applied_to'] as string[])[0], '*');
    assert.equal((await space.policies.check('extractive', 'bob@example.org')).allowed, true);
    assert.equal((await space.policies.update(policy.id, { name: 'less' })).name, 'less');
    assert.ok((await space.policies.list()).some((one) => one.id === policy.id));
    await space.policies.delete(policy.id);
    await assert.rejects(space.policies.get(policy.id), NotFoundError);
    assert.equal(await space.policies.exportDecisions({ endpoint: 'nowhere' }), '');
  });

  it('answers callers with tokens of its hub, and keeps what it decided', async () => {
    const { username, space: baseUrl } = stack.said;
    const bob = await stack.user('bob');
    const { targetToken } = await bob.tokens.satellite(username);
    const callers = new SpaceClient({ baseUrl, key: targetToken });
    const answer = await callers.endpoints.query('data', { messages: 'What grows near the river?' });
    assert.match(answer.references?.documents[0]?.content ?? '', /reeds/);
    const [decision] = await space.policies.decisions({ endpoint: 'data', pageSize: 1 }).take(1);
    assert.deepEqual([decision?.outcome, decision?.status], ['success', 200]);
    assert.match(await space.policies.exportDecisions({ endpoint: 'data', limit: 1 }), /^id,at,/);
  });

  it('is listed at its hub, and tells what was changed page by page', async () => {
    const [hub] = await space.marketplaces.list();
    assert.equal(hub?.username, stack.said.username);
    const [listing] = (await space.endpoints.publish('extractive')).results;
    assert.deepEqual([listing?.marketplaceId, listing?.success], [hub?.id, true]);
    assert.equal((await space.endpoints.listings('extractive'))[0]?.state, 'listed');
    const check = await space.endpoints.validateSlug('nobody-has-this', { checkAll: true });
    assert.deepEqual([check.localAvailable, check.marketplaces?.[0]?.available], [true, true]);

    const changes = await space.changes({ pageSize: 2 }).all();
    assert.deepEqual(
      changes.map((change) => change.id),
      changes.map((change) => change.id).sort((a, b) => b - a),
    );
    assert.ok(changes.length > 2 && changes.every((change) => change.actor !== ''));
  });

  it('is administered by accounts', async () => {
    const login = { email: 'ada@example.org', password: 'correct horse 1' };
    assert.equal((await space.accounts.register(login)).tenantName, 'root');
    const { accessToken, expiresIn } = await space.accounts.login(login);
    assert.ok(expiresIn > 0);
    assert.ok((await stack.space(accessToken).models.list()).length > 0);
    await assert.rejects(space.accounts.login({ ...login, password: 'wrong' }), AuthenticationError);
  });

  it('names the argument that does not fit, as it was written here', async () => {
    const wrong = { name: 'x', slug: 'x-y', datasetId: 7 } as unknown as wire.EndpointDraft;
    await assert.rejects(space.endpoints.create(wrong), { name: 'TypeError', field: 'datasetId' });
    const unknown = { name: 'x', slug: 'x-y', colour: 'red' } as unknown as wire.EndpointDraft;
    await assert.rejects(space.endpoints.create(unknown), { name: 'TypeError', field: 'colour' });
    await assert.rejects(space.policies.get('no id'), { name: 'ValidationError' });
    assert.throws(() => new SpaceClient({ baseUrl: 'space' }), ConfigurationError);
  });
});
