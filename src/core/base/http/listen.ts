import type { FastifyInstance } from 'fastify';
import { errorMessage, FastVideoError, systemErrorCode } from '../errors.ts';

/**
 * Connections that the system holds until they are accepted, where it allows so many (`net.core.somaxconn`, 4096 on
 * Linux). Node asks for 511 and accepts one in each turn of the event loop. Behind a full queue the system drops the next
 * client's packet, and the client sends it again after 1, 3 and 7 s.
 */
const backlog = 4096;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** That of the config keys `host` and `port`. */
  readonly section: 'server' | 'router';
}

/** Throws `start_failed` when the address cannot be had. */
export async function listen(app: FastifyInstance, address: ListenAddress): Promise<void> {
  const { host, port } = address;
  try {
    await app.listen({ host, port, backlog });
  } catch (error) {
    throw listenError(error, address);
  }
}

function listenError(error: unknown, { host, port, section }: ListenAddress): FastVideoError {
  const address = `${host}:${port}`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `${address} is in use; stop the other program or choose another --${section}.port (0 picks a free one).`,
    EACCES: `${address} needs more rights; choose a --${section}.port from 1024 on.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine; choose another --${section}.host.`,
    ENOTFOUND: `${host} is not a known host name; choose another --${section}.host.`,
  };
  const reason = reasons[systemErrorCode(error) ?? ''] ?? `${address} cannot be used: ${errorMessage(error)}`;
  return new FastVideoError('start_failed', reason, { cause: error });
}
