// For those who go on asking: a chat in the terminal, over any number of data sources, which remembers what was said.
//
//   make dev                         # in another terminal: it prints the names and the password to use
//   npm install && npm run build     # in this folder, once bindings/typescript is built
//   node dist/chat.js http://127.0.0.1:8080 alice alice/extractive alice/docs
//
// The first line of standard input is the password, every other one a question. Ctrl-C ends an answer that is being
// written, and otherwise the chat.

import process from 'node:process';
import { createInterface } from 'node:readline';
import { SyftHubClient, type Message } from '@syfthub/sdk';

const [hub, username, model, ...sources] = process.argv.slice(2);
if (hub === undefined || username === undefined || model === undefined) {
  throw new Error('usage: chat HUB USERNAME MODEL SOURCE…');
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const password: unknown = (await lines.next()).value;
const client = new SyftHubClient({ baseUrl: hub });
await client.auth.login({ username, password: String(password) });

const messages: Message[] = [];
process.stdout.write('> ');
for await (const prompt of lines) {
  messages.push({ role: 'user', content: prompt }, { role: 'assistant', content: await answer(prompt) });
  process.stdout.write('\n> ');
}
process.stdout.write('\n');

/** Prints the answer while it is written, and gives what there was of it. */
async function answer(prompt: string): Promise<string> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  let text = '';
  try {
    const question = { prompt, model: model!, sources, messages, similarityThreshold: 0 };
    for await (const event of client.chat.stream(question, { signal: stop.signal })) {
      if (event.type !== 'token') continue;
      process.stdout.write(event.content);
      text += event.content;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
  return text;
}
