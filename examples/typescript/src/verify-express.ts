// For those who write a service of their own: its callers bring tokens that the hub made for its owner, and each is judged
// here, without asking the hub.
//
//   make dev                         # in another terminal: it prints the hub's address and the user name of the owner
//   npm install && npm run build     # in this folder, once bindings/typescript is built
//   node dist/verify-express.js http://127.0.0.1:8080 alice 127.0.0.1:9000
//   curl --header "Authorization: Bearer $TOKEN" http://127.0.0.1:9000/
//
// Who calls gets the token from the hub: `await client.tokens.satellite('alice')`. It counts for a minute.

import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { requireToken, Verifier, type TokenRequest } from '@syfthub/sdk';
import express, { type NextFunction, type Request, type Response } from 'express';

const [hub, owner, address] = process.argv.slice(2);
if (hub === undefined || owner === undefined || address === undefined) {
  throw new Error('usage: verify-express HUB OWNER ADDRESS');
}

const service = express();
service.use(requireToken(new Verifier({ baseUrl: hub, audience: owner })));

// Nobody comes here whose token does not count.
service.get('/', (request: TokenRequest, response: Response) => {
  response.json({ caller: request.caller?.sub, role: request.caller?.role });
});

// The hub's keys were never fetched, and it is away.
service.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  response.status(503).json({ detail: String(error) });
});

const { hostname, port } = new URL(`http://${address}`);
const listener = service.listen(Number(port), hostname, () => {
  const bound = listener.address() as AddressInfo;
  console.log(`http://${bound.address}:${bound.port}`);
});
