import type { FastifyRequest } from 'fastify';
import { adminDenial } from '../../base/http/admin-guard.ts';

/**
 * Why a request may not change what all clients get: it needs the router's admin token, also on loopback, because a replica
 * sees the router and not who is behind it. Undefined when it may.
 *
 * @param what - what is changed, e.g. `the system prompts`
 */
export function changeDenial(
  request: FastifyRequest,
  adminToken: string | undefined,
  what: string,
): { readonly status: 401 | 403; readonly message: string } | undefined {
  if (adminToken === undefined) {
    const message = `Changing ${what} through a router needs its admin token; set router.admin_token.`;
    return { status: 403, message };
  }
  const message = adminDenial(request.raw, adminToken);
  return message === undefined ? undefined : { status: 401, message };
}
