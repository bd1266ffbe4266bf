import { errorMessage, FastVideoError, systemErrorCode } from '../errors.ts';

/** Why an address cannot be listened on. `section` is that of the config keys `host` and `port`. */
export function listenError(
  error: unknown,
  { host, port, section }: { readonly host: string; readonly port: number; readonly section: string },
): FastVideoError {
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
