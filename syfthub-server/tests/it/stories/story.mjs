// The story in JavaScript. `story.rs` and `story.py` tell the same.
//
// usage: story.mjs PACKAGE HUB NAME

import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [PACKAGE, HUB, NAME] = process.argv.slice(2);
const PASSWORD = 'a-Long-passw0rd';
const TREASURER_PASSWORD = 'nine-Gulls-over-7-piers';
/** How long money may take to arrive, in milliseconds. */
const PATIENCE = 30_000;

const { SyftHubClient, Verifier } = await import(pathToFileURL(join(PACKAGE, 'dist/index.mjs')));

const tell = (line) => console.log(line.replaceAll(NAME, 'NAME'));
const money = (amount) => amount.toFixed(2);
const all = async (list) => {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
};

async function register(hub) {
  const registration = { username: NAME, email: `${NAME}@example.org`, password: PASSWORD, fullName: NAME };
  const { user } = await hub.auth.register(registration);
  tell(`register: ${user.username} is ${user.role} and signed in as ${(await hub.auth.me()).username}`);
}

async function organize(hub) {
  const organization = await hub.organizations.create({ name: `${NAME} and friends` });
  const members = await all(hub.organizations.members(organization.id));
  tell(`organize: ${organization.slug} of ${members.map((one) => `${one.username} ${one.role}`).join(', ')}`);
  return organization;
}

async function publish(hub, organization) {
  const made = await hub.myEndpoints.create({
    name: 'Field Notes',
    type: 'data_source',
    description: 'What grows near the river',
    version: '1.2.0',
    tags: ['plants'],
    organizationId: organization.id,
  });
  const path = `${organization.slug}/${made.slug}`;
  const seen = await hub.hub.get(path);
  tell(`publish: ${path} ${made.type} ${made.visibility} ${seen.version}, about ${seen.tags.join(', ')}`);
  return path;
}

async function star(hub, path) {
  await hub.hub.star(path);
  const isMine = await hub.hub.isStarred(path);
  tell(`star: ${(await hub.hub.get(path)).starsCount} star, mine ${isMine}`);
}

async function browse(hub, organization) {
  const owners = ['ada', organization.slug];
  const found = (await all(hub.hub.browse({ pageSize: 2 }))).filter((one) => owners.includes(one.ownerUsername));
  const paths = found.map((one) => `${one.ownerUsername}/${one.slug}`).sort();
  tell(`browse: ${paths.join(', ')}, ${paths.length - new Set(paths).size} of them twice`);
}

async function verify(hub, token) {
  const jwks = await hub.tokens.jwks();
  const at = (audience) => new Verifier({ baseUrl: HUB, audience, jwks });
  const claims = await at('ada').verify(token);
  const isMe = claims.sub === String((await hub.auth.me()).id);
  const code = await at('eve').verify(token).then(() => 'counts', (refused) => refused.code);
  tell(`verify: me ${isMe}, ${claims.role} for ${claims.exp - claims.iat} s at ${claims.aud}, ${code} at eve`);
}

async function fund() {
  const treasurer = new SyftHubClient({ baseUrl: HUB });
  await treasurer.auth.login({ username: 'treasurer', password: TREASURER_PASSWORD });
  const account = await treasurer.ledger.deposit({ recipientUsername: NAME, amount: 10 });
  tell(`fund: ${money(account.balance)}`);
}

async function ask(hub) {
  const question = { prompt: 'Which permit covers night work?', model: 'ada/words', sources: ['ada/notes'] };
  const kinds = [];
  let [answer, done] = ['', undefined];
  for await (const event of hub.chat.stream(question)) {
    if (event.type !== 'generation_heartbeat' && event.type !== kinds.at(-1)) kinds.push(event.type);
    if (event.type === 'token') answer += event.content;
    if (event.type === 'done') done = event;
  }
  const cited = done.citations.map((one) => `${one.title} of ${one.source}`).join(', ');
  tell(`ask: ${kinds.join(' ')} | ${answer.trim()} | ${cited} for ${money(done.billing.totalCost)}`);
}

async function pay(hub) {
  const latest = Date.now() + PATIENCE;
  while ((await all(hub.ledger.history())).some((one) => one.status === 'pending')) {
    if (Date.now() > latest) throw new Error('the answer is not paid for');
    await setTimeout(20);
  }
  const before = (await hub.ledger.balance()).balance;
  const { id } = await hub.ledger.pay({ recipient: 'ada', amount: 0.5 });
  const paid = await hub.ledger.confirm(id);
  const after = (await hub.ledger.balance()).balance;
  tell(`pay: ${money(before)} before ${paid.status} ${money(paid.amount)}, ${money(after)} after`);
}

async function takeHome(hub) {
  const [head, ...rows] = (await hub.ledger.export('csv')).trim().split(/\r?\n/);
  const columns = head.split(',');
  const entries = rows.map((row) => Object.fromEntries(row.split(',').map((cell, at) => [columns[at], cell])));
  const lines = entries.map((entry) => `${entry.kind} ${entry.bucket} ${money(Number(entry.amount))}`).sort();
  const left = entries.reduce((sum, entry) => sum + Number(entry.amount), 0);
  tell(`export: ${lines.join(', ')}, which is ${money(left)}`);
}

const client = new SyftHubClient({ baseUrl: HUB });
await register(client);
const friends = await organize(client);
const notes = await publish(client, friends);
await star(client, notes);
await browse(client, friends);
const { targetToken } = await client.tokens.satellite('ada');
tell(`mint: ${targetToken.split('.').length} parts`);
await verify(client, targetToken);
await fund();
await ask(client);
await pay(client);
await takeHome(client);
