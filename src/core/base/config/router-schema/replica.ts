import { z } from 'zod';
import { flag } from '../serve-schema/quantities.ts';

export const ReplicaSchema = z
  .strictObject({
    url: z
      .string()
      .superRefine((url, context) => {
        const fault = urlFault(url);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      })
      .meta({ description: 'Address of the replica: `http://HOST[:PORT]` or `https://HOST[:PORT]`.' }),
    name: z.string().min(1).max(200).optional().meta({
      description: 'What logs and metrics call it.',
      defaultNote: 'host and port of the URL',
    }),
    primary: flag(false, 'Whether the policy `primary` prefers it; at most one replica.'),
    weight: z.number().min(0).max(1_000_000).default(1).meta({
      description:
        'Share of the new sessions with the policy `weighted`; with 0 it gets no new session, whatever the policy.',
    }),
  })
  .meta({ description: 'One `fastvideo serve`.' });

type Replica = z.output<typeof ReplicaSchema>;

/** The replicas; at least one, each with a URL and a name of its own, at most one of them primary. */
export const ReplicasSchema = z
  .array(ReplicaSchema)
  .superRefine((replicas, context) => {
    const issue = (message: string, path: PropertyKey[] = []) =>
      context.addIssue({ code: 'custom', message, path });
    if (replicas.length === 0) issue('must name at least one replica, such as {url: "http://gpu-box:8000"}');
    const origins = new Set<string>();
    const names = new Set<string>();
    let primaries = 0;
    for (const [index, replica] of replicas.entries()) {
      // A URL with a fault has been told about already.
      if (urlFault(replica.url) !== undefined) continue;
      const origin = replicaOrigin(replica.url);
      if (origins.has(origin)) issue('must be a URL that no other replica has', [index, 'url']);
      else if (names.has(replicaName(replica)))
        issue('must be a name that no other replica has', [index, 'name']);
      origins.add(origin);
      names.add(replicaName(replica));
      if (replica.primary) primaries += 1;
      if (replica.primary && primaries > 1) issue('may be true for one replica only', [index, 'primary']);
    }
  })
  .meta({ description: 'The replicas.' });

/** The URL as it is compared and shown: lower case, no default port, no slash at the end. */
export function replicaOrigin(url: string): string {
  return new URL(url).origin;
}

/** What logs and metrics call a replica. */
export function replicaName({ name, url }: Pick<Replica, 'name' | 'url'>): string {
  return name ?? new URL(url).host;
}

function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL such as "http://gpu-box:8000"';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'must be a URL without a user and a password';
  if (url.pathname !== '/') return 'must be a URL without a path';
  // An empty query or fragment leaves no trace in the parsed URL.
  if (text.includes('?')) return 'must be a URL without a query';
  if (text.includes('#')) return 'must be a URL without a fragment';
  return undefined;
}
