import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { NotFoundError, type SyftHubClient } from '@syfthub/sdk';

import { Stack } from './support/stack';

describe('a hub', () => {
  let stack: Stack;
  let ada: SyftHubClient;

  before(async () => {
    stack = await Stack.start();
    ada = await stack.user('ada');
    for (let number = 1; number <= 7; number += 1) {
      await ada.myEndpoints.create({ name: `Notes ${number}`, type: 'data_source', tags: ['rag'] });
    }
  });
  after(() => stack.stop());

  it('lists every endpoint once, whatever the size of the pages', async () => {
    for (const pageSize of [1, 3, 7, 100]) {
      const names: string[] = [];
      for await (const { name } of ada.myEndpoints.list({ pageSize })) names.push(name);
      assert.deepEqual(names.sort(), [1, 2, 3, 4, 5, 6, 7].map((number) => `Notes ${number}`), `${pageSize}`);
    }
  });

  it('lists page by page, from where it is asked to, and again', async () => {
    const list = ada.hub.browse({ search: 'Notes', pageSize: 3, skip: 1 });
    const sizes: number[] = [];
    for await (const page of list.pages()) sizes.push(page.length);
    assert.deepEqual(sizes, [3, 3]);
    assert.equal((await list.all()).length, 6);
    assert.equal((await list.take(4)).length, 4);
    assert.deepEqual(await list.take(0), []);
  });

  it('gives items in order to those who ask for several at once', async () => {
    const items = ada.myEndpoints.list({ pageSize: 2 })[Symbol.asyncIterator]();
    const asked = await Promise.all(Array.from({ length: 8 }, () => items.next()));
    const names = asked.map((one) => (one.done === true ? 'end' : one.value.name));
    assert.equal(new Set(names).size, 8);
    assert.equal(names.at(-1), 'end');
  });

  it('writes fields in camelCase and leaves the keys of data alone', async () => {
    const connect = [{ type: 'https', config: { path: '/api/v1/endpoints/x/query', snake_key: { inner_key: 1 } } }];
    const policies = [{ type: 'rate_limit', config: { per_minute: 2, camelKey: true } }];
    const made = await ada.myEndpoints.create({ name: 'Spelled', type: 'model', connect, policies });
    assert.deepEqual(made.policies[0]?.config, { per_minute: 2, camelKey: true });
    assert.deepEqual(made.connect[0]?.config?.['snake_key'], { inner_key: 1 });
    assert.deepEqual([made.ownerUsername, made.starsCount, typeof made.createdAt], ['ada', 0, 'string']);
    const changed = await ada.myEndpoints.update('spelled', { description: 'In two ways' });
    assert.equal(changed.description, 'In two ways');
    await ada.myEndpoints.delete('spelled');
    assert.equal((await ada.myEndpoints.publish({ name: 'Spelled', type: 'model' })).endpoint.ownerUsername, 'ada');
  });

  it('counts a star once', async () => {
    const path = 'ada/notes-1';
    assert.equal(await ada.hub.star(path), true);
    assert.equal(await ada.hub.star(path), false);
    assert.equal(await ada.hub.isStarred(path), true);
    const [first] = await ada.hub.trending({ minStars: 1 }).take(1);
    assert.equal(first?.slug, 'notes-1');
    await ada.hub.unstar(path);
    assert.equal(await ada.hub.isStarred(path), false);
  });

  it('does not find what is not there', async () => {
    await assert.rejects(ada.hub.star('ada/nothing'), NotFoundError);
    await assert.rejects(ada.hub.byOwner('nobody-here').all(), NotFoundError);
  });

  it('keeps organizations and their members', async () => {
    const bob = await stack.user('bob');
    const { id: bobsId } = await bob.auth.me();
    const lab = await ada.organizations.create({ name: 'The lab' });
    await ada.organizations.addMember(lab.id, bobsId, 'admin');
    const members = await ada.organizations.members(lab.id).all();
    assert.deepEqual(members.map((one) => one.role).sort(), ['admin', 'owner']);
    assert.equal((await ada.organizations.members(lab.id, { role: 'admin' }).all())[0]?.userId, bobsId);
    await ada.organizations.removeMember(lab.id, bobsId);
    assert.deepEqual(await bob.organizations.list().all(), []);
  });

  it('goes on with a session from tokens that were saved', async () => {
    const tokens = await ada.auth.tokens();
    assert.ok(tokens);
    const again = stack.stranger();
    assert.equal(await again.auth.isSignedIn(), false);
    await again.auth.resume(tokens);
    assert.equal((await again.auth.me()).username, 'ada');
  });

  it('knows a program by its personal access token', async () => {
    const { token } = await ada.apiTokens.create({ name: 'a program' });
    const program = stack.stranger({ apiToken: token });
    assert.equal((await program.auth.me()).username, 'ada');
  });
});
