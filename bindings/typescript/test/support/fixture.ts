import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers like a hub that fails in a way that a real one cannot be made to fail. */
export class Fixture {
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Starts one that answers every request with `answer`. */
  static async start(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Fixture> {
    const server = createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Fixture(server);
  }

  /** Starts one that answers every request with a status and a JSON body. */
  static async saying(status: number, body: unknown): Promise<Fixture> {
    return Fixture.start((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  }

  /** Starts one that streams these texts, each when the one before has left, and then does this to the answer. */
  static async streaming(texts: readonly string[], then: (response: ServerResponse) => void): Promise<Fixture> {
    return Fixture.start((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = ([text, ...rest]: readonly string[]): void => {
        if (text === undefined) then(response);
        else response.write(text, 'latin1', () => write(rest));
      };
      write(texts);
    });
  }

  /** Ends it with every connection. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
