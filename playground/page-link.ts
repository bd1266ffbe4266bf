import type { SessionInit } from '../src/client/session-options.ts';

/** What a session is opened with about its pictures; what is left out is the server's choice. */
export type Shape = Pick<SessionInit, 'aspect_ratio' | 'resolution'>;

/** What a link to this page may carry. */
export interface LinkedOptions {
  readonly prompt: string;
  readonly seed: number | undefined;
  readonly live: boolean;
  readonly shape: Shape;
}

const names = ['prompt', 'seed', 'live', 'aspect_ratio', 'resolution'];

/** `?prompt=`, `?seed=`, `?live=1`, `?aspect_ratio=` and `?resolution=` of the page's address. */
export function linkedOptions({ searchParams }: URL): LinkedOptions {
  const seed = Number(searchParams.get('seed') ?? Number.NaN);
  const aspectRatio = searchParams.get('aspect_ratio');
  const resolution = searchParams.get('resolution');
  return {
    prompt: searchParams.get('prompt') ?? '',
    seed: Number.isSafeInteger(seed) ? seed : undefined,
    live: searchParams.get('live') === '1',
    shape: {
      ...(aspectRatio === null ? {} : { aspect_ratio: aspectRatio }),
      ...(resolution === null ? {} : { resolution }),
    },
  };
}

/** The address of the page with these options; without the key, which is nobody else's. */
export function pageLink(page: URL, { prompt, seed, live, shape }: LinkedOptions): string {
  const link = new URL(page);
  link.hash = '';
  for (const name of ['api_key', ...names]) link.searchParams.delete(name);
  if (prompt !== '') link.searchParams.set('prompt', prompt);
  if (seed !== undefined) link.searchParams.set('seed', String(seed));
  if (live) link.searchParams.set('live', '1');
  for (const [name, value] of Object.entries(shape)) link.searchParams.set(name, String(value));
  return link.href;
}
