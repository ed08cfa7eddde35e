// Both module systems get the same classes, and wrong programs are refused before they run.
import { createRequire } from 'node:module';

import { type EndpointDraft, SyftHubClient, SyftHubError, version } from '@syfthub/sdk';

const required = createRequire(import.meta.url)('@syfthub/sdk') as typeof import('@syfthub/sdk');
console.log(version, required.SyftHubError === SyftHubError);

const client = new SyftHubClient({ baseUrl: 'http://127.0.0.1:1' });

// @ts-expect-error a draft has a name
const nameless: EndpointDraft = { type: 'model' };
// @ts-expect-error there is no such type
const robot: EndpointDraft = { name: 'n', type: 'robot' };
// @ts-expect-error the names of fields are in camelCase
const snake: EndpointDraft = { name: 'n', type: 'model', organization_id: 1 };
// @ts-expect-error whether somebody is signed in is no text
const awaited: string = await client.auth.isSignedIn();

export const refused = [nameless, robot, snake, awaited];
