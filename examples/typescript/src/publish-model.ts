// For those who offer something: a model registered at the hub, found under its address, changed, and withdrawn.
//
//   make dev                         # in another terminal: it prints the hub's address, a user name and the password
//   npm install && npm run build     # in this folder, once bindings/typescript is built
//   node dist/publish-model.js http://127.0.0.1:8080 alice
//
// The password is one line of standard input.

import process from 'node:process';
import { text } from 'node:stream/consumers';
import { SyftHubClient } from '@syfthub/sdk';

const [hub, username] = process.argv.slice(2);
if (hub === undefined || username === undefined) throw new Error('usage: publish-model HUB USERNAME');

const client = new SyftHubClient({ baseUrl: hub });
await client.auth.login({ username, password: (await text(process.stdin)).trim() });

const model = await client.myEndpoints.create({
  name: 'Haiku',
  type: 'model',
  description: 'Answers in seventeen syllables.',
  readme: '# Haiku\n\nAsk about the weather.',
  tags: ['poetry'],
  // At the top of the user's domain: that is where the hub says the user's space is.
  connect: [{ type: 'http', config: { url: '' } }],
});
const path = `${username}/${model.slug}`;
console.log(`published ${path}: ${(await client.hub.get(path)).description}`);

const changed = await client.myEndpoints.update(path, { description: 'Answers in seventeen syllables, mostly.' });
console.log(`changed ${path}: ${changed.description}`);

await client.myEndpoints.delete(path);
const gone = (await client.hub.find(path)) === null;
console.log(`withdrew ${path}: ${gone ? 'nobody finds it' : 'still there'}`);
