import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { AuthenticationError, requireToken, type SyftHubClient, type TokenRequest, Verifier } from '@syfthub/sdk';

import { Stack } from './support/stack';

describe('a verifier', () => {
  let stack: Stack;
  let ada: SyftHubClient;
  before(async () => {
    stack = await Stack.start();
    ada = await stack.user('ada');
    await stack.user('bob');
  });
  after(() => stack.stop());

  it('says who brought a token that counts', async () => {
    const { targetToken } = await ada.tokens.satellite('bob');
    const claims = await new Verifier({ baseUrl: stack.said.hub, audience: 'bob' }).verify(targetToken);
    assert.deepEqual([claims.aud, claims.sub], ['bob', String((await ada.auth.me()).id)]);
  });

  it('refuses a token that was made for somebody else, with the reason', async () => {
    const { targetToken } = await ada.tokens.satellite('bob');
    const verifier = new Verifier({ baseUrl: stack.said.hub, audience: 'ada' });
    await assert.rejects(verifier.verify(targetToken), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'audience_mismatch');
      return true;
    });
  });

  it('needs no hub when it is given the keys', async () => {
    const jwks = await ada.tokens.jwks();
    const { targetToken } = await ada.tokens.satellite('bob');
    const { iss } = await new Verifier({ baseUrl: stack.said.hub, audience: 'bob' }).verify(targetToken);
    const alone = new Verifier({ baseUrl: 'http://127.0.0.1:1', audience: 'bob', jwks, issuer: iss });
    assert.equal((await alone.verify(targetToken)).aud, 'bob');
  });

  it('names a setting that does not fit', () => {
    const settings = { baseUrl: 'http://h' } as unknown as { audience: string };
    assert.throws(() => new Verifier(settings), { name: 'TypeError', field: 'audience' });
  });

  it('guards a service as its middleware', async () => {
    const guard = requireToken(new Verifier({ baseUrl: stack.said.hub, audience: 'bob' }));
    const service = createServer((request, response) => {
      guard(request, response, () => response.end(`hello ${(request as TokenRequest).caller?.sub}`));
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const { targetToken } = await ada.tokens.satellite('bob');
    const ask = (authorization?: string): Promise<Response> =>
      fetch(url, { headers: authorization === undefined ? {} : { authorization } });

    const welcome = await ask(`Bearer ${targetToken}`);
    assert.deepEqual([welcome.status, await welcome.text()], [200, `hello ${(await ada.auth.me()).id}`]);
    const nobody = await ask();
    assert.equal(nobody.status, 401);
    assert.equal(((await nobody.json()) as { detail: { code: string } }).detail.code, 'missing_token');
    const garbled = await ask('Bearer no-token');
    assert.equal(garbled.status, 401);
    assert.match(garbled.headers.get('www-authenticate') ?? '', /^Bearer/);
    service.close();
    service.closeAllConnections();
  });
});
