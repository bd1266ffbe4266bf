import { z } from 'zod';
import { within } from '../base/async/deadline.ts';
import { FastVideoError } from '../base/errors.ts';
import type { ConnectionTarget } from './stream-sockets.ts';

const longestAskMs = 10_000;
const ListSchema = z.object({
  presets: z.array(z.object({ id: z.string() })),
  model_preset: z.string().optional(),
});

/**
 * Throws `usage`, with the names that exist, for a preset that the server does not list. A server that lists none, or
 * cannot be asked, decides by itself at the opening.
 */
export async function checkPreset(
  preset: string,
  { url, apiKey }: ConnectionTarget,
  signal: AbortSignal,
): Promise<void> {
  const known = await namesAt(url, apiKey, signal);
  if (known === undefined || known.includes(preset)) return;
  const names = known.length === 0 ? 'it has none' : `it has ${known.map((name) => `"${name}"`).join(', ')}`;
  throw new FastVideoError('usage', `--preset "${preset}" is not a preset of the server; ${names}.`);
}

async function namesAt(
  stream: URL,
  apiKey: string | undefined,
  over: AbortSignal,
): Promise<string[] | undefined> {
  const url = new URL(stream);
  url.protocol = stream.protocol === 'wss:' ? 'https:' : 'http:';
  url.pathname = stream.pathname.replace(/\/v1\/stream$/, '/curated-presets');
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  try {
    const body = await within(
      longestAskMs,
      async (signal) => (await fetch(url, { headers, signal })).json(),
      {
        over,
      },
    );
    const { success, data } = ListSchema.safeParse(body);
    if (!success) return undefined;
    return [
      ...(data.model_preset === undefined ? [] : [data.model_preset]),
      ...data.presets.map(({ id }) => id),
    ];
  } catch {
    over.throwIfAborted();
    // Away, or another kind of server: its stream says so.
    return undefined;
  }
}
