import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';

import { AuthenticationError, ConfigurationError, SyftHubClient, SyftHubError, UnreachableError } from '@syfthub/sdk';

import { Stack } from './support/stack';

describe('a session', () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.start();
  });
  after(() => stack.stop());

  it('begins with a password and ends on request', async () => {
    const client = stack.stranger();
    const { username, password } = stack.said;
    const user = await client.auth.login({ username, password });
    assert.equal(user.username, username);
    assert.equal((await client.auth.me()).id, user.id);
    await client.auth.logout();
    await assert.rejects(client.auth.me(), AuthenticationError);
  });

  it('does not begin with a wrong password, and says which request that was', async () => {
    const refused = stack.stranger().auth.login({ username: stack.said.username, password: 'wrong' });
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof AuthenticationError && error instanceof SyftHubError);
      assert.equal(error.name, 'AuthenticationError');
      assert.equal(error.status, 401);
      assert.match(error.correlationId ?? '', /^[0-9a-f-]{36}$/);
      return true;
    });
  });

  it('is shown nowhere', async () => {
    const client = await stack.owner();
    const tokens = await client.auth.tokens();
    assert.ok(tokens);
    for (const shown of [inspect(client, { depth: 9, showHidden: true }), JSON.stringify(client), String(client)]) {
      for (const secret of [tokens.accessToken, tokens.refreshToken, stack.said.password]) {
        assert.ok(!shown.includes(secret));
      }
    }
  });

  it('names the argument that has the wrong type, and sends nothing', async () => {
    const wrong = { username: 'ada', password: 7 } as unknown as { username: string; password: string };
    await assert.rejects(stack.stranger().auth.login(wrong), { name: 'TypeError', field: 'password' });
  });
});

describe('a client', () => {
  it('is not made with an address that is none', () => {
    assert.throws(() => new SyftHubClient({ baseUrl: 'hub' }), ConfigurationError);
  });

  it('is not made with a setting of the wrong type', () => {
    const settings = { baseUrl: 'http://127.0.0.1:1', timeoutS: 'soon' } as unknown as { baseUrl: string };
    assert.throws(() => new SyftHubClient(settings), { name: 'TypeError', field: 'timeoutS' });
  });

  it('says that nobody is there', async () => {
    const client = new SyftHubClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 });
    await assert.rejects(client.auth.login({ username: 'ada', password: 'x' }), UnreachableError);
  });

  it('rejects with the reason of a signal that fired', async () => {
    const client = new SyftHubClient({ baseUrl: 'http://127.0.0.1:1' });
    const fired = client.auth.me({ signal: AbortSignal.abort() });
    await assert.rejects(fired, { name: 'AbortError' });
  });
});
