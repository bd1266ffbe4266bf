import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What `Authorization: Bearer …` carries. */
export function bearerToken(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  const { authorization = '' } = request.headers;
  const token = /^bearer\s/i.test(authorization) ? authorization.slice('Bearer '.length).trim() : '';
  return token === '' ? undefined : token;
}

/** Takes the same time wherever the two differ. */
export function sameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
