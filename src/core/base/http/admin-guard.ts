import type { IncomingMessage } from 'node:http';
import { bearerToken, sameSecret } from './secrets.ts';

/** Why a request may not use the routes of the admin token; undefined when it may. */
export function adminDenial(request: Pick<IncomingMessage, 'headers'>, token: string): string | undefined {
  const given = bearerToken(request);
  if (given === undefined) return 'The admin token is missing; send it as "Authorization: Bearer TOKEN".';
  return sameSecret(given, token) ? undefined : 'The admin token is wrong.';
}
