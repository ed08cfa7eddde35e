// What the benchmark asks of our TypeScript package, and of the `fetch` that Node has, with the same requests.
//
// usage: node measure.mjs WAY TASK SETTING PACKAGE
//
// WAY is `package` or `fetch`; SETTING is a JSON object: `hub` (its address), `username`, `password`, `paths` (endpoints
// `owner/slug` to get), `model` and `sources` (what is asked in a chat), `count` (how often); PACKAGE is the directory of our
// package. One JSON object is printed: `seconds` of the work, how many `items` it gave, and the `middle` time of many.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const [way, task, text, directory] = process.argv.slice(-4);
const setting = JSON.parse(text);
const question = 'What is known?';

async function throughPackage() {
  const { SyftHubClient } = createRequire(join(directory, 'package.json'))('@syfthub/sdk');
  const client = new SyftHubClient({ baseUrl: setting.hub });
  await client.auth.login({ username: setting.username, password: setting.password });
  return {
    browse: () => client.hub.browse(),
    get: (path) => client.hub.get(path),
    async stream() {
      let tokens = 0;
      const asked = { prompt: question, model: setting.model, sources: setting.sources };
      for await (const event of client.chat.stream(asked)) tokens += event.type === 'token';
      return tokens;
    },
  };
}

async function throughFetch() {
  const api = `${setting.hub}/api/v1`;
  const form = new URLSearchParams({ username: setting.username, password: setting.password });
  const { access_token } = await answered(await fetch(`${api}/auth/login`, { method: 'POST', body: form }));
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  const json = async (url, init) => answered(await fetch(url, { headers, ...init }));
  const get = (path) => json(`${setting.hub}/${path}`);
  return { browse: () => pages(api), get, stream: () => asked(api, json, get) };
}

async function answered(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response.json();
}

async function* pages(api) {
  for (let skip = 0; ; skip += 100) {
    const page = await answered(await fetch(`${api}/endpoints/public?skip=${skip}&limit=100`));
    yield* page;
    if (page.length < 100) return;
  }
}

// As the package does it: the endpoints are looked up, their owner is given a token, and the aggregator is asked.
async function asked(api, json, get) {
  const found = await Promise.all([setting.model, ...setting.sources].map(get));
  const owner = found[0].owner_username;
  const [token, paid] = await Promise.all([
    json(`${api}/token?aud=${owner}`),
    json(`${api}/accounting/transaction-tokens`, {
      method: 'POST',
      body: JSON.stringify({ owner_usernames: [owner] }),
    }),
  ]);
  const [model, ...sources] = found.map((endpoint) => ({
    url: endpoint.connect[0].config.url,
    slug: endpoint.slug,
    name: endpoint.name,
    owner_username: endpoint.owner_username,
  }));
  const body = JSON.stringify({
    prompt: question,
    model,
    data_sources: sources,
    endpoint_tokens: { [owner]: token.target_token },
    transaction_tokens: paid.tokens,
  });
  const response = await fetch(`${setting.hub}/aggregator/api/v1/chat/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body,
  });
  return tokensIn(response);
}

async function tokensIn(response) {
  const decoder = new TextDecoder();
  let tokens = 0;
  let rest = '';
  for await (const bytes of response.body) {
    const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = frames.pop();
    for (const frame of frames) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      if (name === 'token') tokens += typeof JSON.parse(data).content === 'string';
      if (name === 'error') throw new Error(data);
    }
  }
  return tokens;
}

const tasks = {
  async browse(client) {
    let count = 0;
    for await (const endpoint of client.browse()) count += Boolean(endpoint.name);
    return { items: count };
  },
  async get(client) {
    await client.get(setting.paths[0]);
    const times = [];
    for (let n = 0; n < setting.count; n++) {
      const begun = performance.now();
      const endpoint = await client.get(setting.paths[n % setting.paths.length]);
      if (!endpoint.slug) throw new Error('an endpoint has a slug');
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    return { items: times.length, middle: times[times.length >> 1] / 1000 };
  },
  async streams(client) {
    await client.stream();
    const begun = performance.now();
    const counts = await Promise.all(Array.from({ length: setting.count }, () => client.stream()));
    const items = counts.reduce((sum, count) => sum + count, 0);
    return { items, seconds: (performance.now() - begun) / 1000 };
  },
};

const client = await (way === 'package' ? throughPackage() : throughFetch());
const begun = performance.now();
const outcome = await tasks[task](client);
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, ...outcome }));
