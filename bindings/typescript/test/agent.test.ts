import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { AgentEvent } from '@syfthub/sdk';
import { Stack } from './support/stack';

describe('a conversation', () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.start();
  });
  after(() => stack.stop());

  it('goes on turn by turn until the caller ends it', async () => {
    const client = await stack.owner();
    const talk = client.agent.open({ endpoint: stack.said.model, prompt: 'Who keeps the lighthouse?' });
    const seen: AgentEvent[] = [];
    let turns = 0;
    for await (const event of talk) {
      seen.push(event);
      if (event.type !== 'agent.request_input') continue;
      turns += 1;
      if (turns === 1) await talk.say('And in winter?');
      else await talk.close();
    }
    assert.equal(turns, 2);
    assert.equal(seen[0]?.type, 'session.created');
    const last = seen.at(-1);
    assert.equal(last?.type, 'session.completed');
    assert.ok(last.type === 'session.completed' && last.payload.sessionId.length > 0);
  });

  it('that does not go on hears nothing', async () => {
    const client = await stack.owner();
    const talk = client.agent.open({ endpoint: stack.said.model, prompt: 'Who keeps the lighthouse?' });
    await assert.rejects(talk.say('Hello?'), /no conversation of this name/);
  });
});
