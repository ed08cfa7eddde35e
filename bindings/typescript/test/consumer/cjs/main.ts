// A program of somebody who has the package installed, in CommonJS.
import { type ChatEvent, type List, NotFoundError, SyftHubClient, type EndpointPublic } from '@syfthub/sdk';

async function main(url: string): Promise<void> {
  const client = new SyftHubClient({ baseUrl: url, timeoutS: 10 });
  await client.auth.login({ email: 'alice@example.com', password: 'secret123' });

  const list: List<EndpointPublic> = client.hub.browse({ type: 'data_source', pageSize: 50 });
  const names: string[] = (await list.all()).map((endpoint) => endpoint.name);
  console.log(names.join(', '));

  try {
    await client.hub.star('alice/nothing', { signal: AbortSignal.timeout(5000) });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    console.log(error.status);
  }
}

/** What each step of an answer has is known from its type. */
export function told(event: ChatEvent): string {
  switch (event.type) {
    case 'token':
      return event.content;
    case 'source_complete':
      return `${event.path}: ${event.documents}`;
    case 'done':
      return Object.keys(event.sources).join(', ');
    default:
      return event.type;
  }
}

void main(process.argv[2] ?? '');
