import { AuthenticationError } from './errors';
import type { Claims, Verifier } from './verifier';

/** What the middleware reads of a request and writes to it; those of Express and of `node:http` are such. */
export interface TokenRequest {
  readonly headers: { readonly authorization?: string | undefined };
  /** Who calls, once their token counts. */
  caller?: Claims;
}

/** What the middleware says no with; those of Express and of `node:http` are such. */
export interface TokenResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/** A handler that goes before others. */
export type Middleware = (request: TokenRequest, response: TokenResponse, next: (error?: unknown) => void) => void;

/**
 * Lets only those through whose `Authorization: Bearer` token counts, and says in `request.caller` who that is. Others get
 * 401 with the reason; when tokens cannot be judged at all, `next` gets the error.
 *
 * ```ts
 * app.use(requireToken(new Verifier({ baseUrl: 'https://hub.example.org', audience: 'ada' })));
 * ```
 */
export function requireToken(verifier: Verifier): Middleware {
  return (request, response, next) => {
    const [, token] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) {
      refuse(response, 'missing_token', 'a satellite token is expected as `Authorization: Bearer`');
      return;
    }
    verifier.verify(token).then(
      (claims) => {
        request.caller = claims;
        next();
      },
      (error: unknown) => {
        if (error instanceof AuthenticationError) refuse(response, error.code ?? 'invalid_token', error.message);
        else next(error);
      },
    );
  };
}

function refuse(response: TokenResponse, code: string, message: string): void {
  response.statusCode = 401;
  response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ detail: { code, message } }));
}
