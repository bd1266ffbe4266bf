import { lookup } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { within } from '../../base/async/deadline.ts';
import { errorMessage } from '../../base/errors.ts';
import { RequestRefusal } from './openai-errors.ts';
import type { SentFile } from './request-fields.ts';

export type FetchPicture = (url: string, signal: AbortSignal) => Promise<SentFile>;

export interface FetchPictureOptions {
  /** In lower case; empty: nothing is fetched. */
  readonly hosts: readonly string[];
  readonly maxBytes: number;
}

const fetchMs = 30_000;

/**
 * Fetches pictures from the operator's hosts, and from no address of a private network, whatever a name leads to: a request
 * must not reach what only this machine can. Redirects are not followed. Throws `RequestRefusal`.
 */
export function pictureFetcher({ hosts, maxBytes }: FetchPictureOptions): FetchPicture {
  return async (url, signal) => {
    const target = URL.canParse(url) ? new URL(url) : undefined;
    const host = target?.hostname.toLowerCase() ?? '';
    if (!target || !hosts.includes(host)) {
      throw refused(
        `this server fetches no picture from ${host.slice(0, 100) || 'there'} (jobs.reference_hosts); send it with the request.`,
      );
    }
    if (target.protocol !== 'https:') throw refused('pictures are fetched over https: only.');
    try {
      return await within(fetchMs, (over) => get(target, maxBytes, over), { over: signal });
    } catch (error) {
      if (error instanceof RequestRefusal || signal.aborted) throw error;
      throw refused(`the picture cannot be fetched: ${errorMessage(error)}.`);
    }
  };
}

/** Networks that are not the Internet's (RFC 6890 and its kin). */
export const privateAddresses = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
]);

function blockList(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, familyOf(address));
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Whether a request may go there. An IPv4 address in the clothes of an IPv6 one is looked at as what it is. */
export function isPublicAddress(address: string): boolean {
  const [, mapped = address] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  return !/^::ffff:/i.test(mapped) && !privateAddresses.check(mapped, familyOf(mapped));
}

/** Looks a name up, and gives none of its addresses where one is private: what is asked for may change from one look to the next. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '');
    const hidden = addresses.find(({ address }) => !isPublicAddress(address));
    if (hidden) return done(new Error(`${hostname} leads to a private address`), '');
    const [first] = addresses;
    if (!first) return done(new Error(`${hostname} has no address`), '');
    if (options.all) done(null, addresses);
    else done(null, first.address, first.family);
  });
};

async function get(url: URL, maxBytes: number, signal: AbortSignal): Promise<SentFile> {
  // A name is looked up; an address is not, and no operator can have listed one that is private by mistake.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (/^[\d.]+$|:/.test(literal) && !isPublicAddress(literal))
    throw new Error(`${literal} is a private address`);
  return await new Promise<SentFile>((resolve, reject) => {
    const sent = request(
      url,
      { lookup: publicLookup, signal, headers: { accept: 'image/*' } },
      (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          reject(new Error(`${url.hostname} answered ${response.statusCode ?? 0}`));
          return;
        }
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > maxBytes) response.destroy(new Error(`it has more than ${maxBytes} bytes`));
          else pieces.push(piece);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ bytes: Buffer.concat(pieces), mime: undefined }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

function refused(message: string): RequestRefusal {
  return new RequestRefusal(400, 'invalid_message', `input_reference: ${message}`, 'input_reference');
}
