import type { FastifyReply, FastifyRequest } from 'fastify';
import { adminDenial } from '../../base/http/admin-guard.ts';
import { refusal } from './refusal.ts';

/** Who may change what all clients get: on loopback everybody, elsewhere who has the admin token. */
export interface ChangeOptions {
  readonly loopback: boolean;
  /** Unset: beyond loopback nobody may. */
  readonly adminToken?: string;
}

/** @param what - what is changed, e.g. `the system prompts` */
export function changeGuard({ loopback, adminToken }: ChangeOptions, what: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (loopback) return;
    const denial =
      adminToken === undefined
        ? `Changing ${what} of a server that other machines can reach needs the admin token; set server.admin_token.`
        : adminDenial(request.raw, adminToken);
    if (denial !== undefined)
      await reply.code(adminToken === undefined ? 403 : 401).send(refusal('unauthorized', denial));
  };
}
