/** What a link to this page may carry. */
export interface LinkedOptions {
  readonly prompt: string;
  readonly seed: number | undefined;
  readonly live: boolean;
}

/** `?prompt=`, `?seed=` and `?live=1` of the page's address. */
export function linkedOptions({ searchParams }: URL): LinkedOptions {
  const seed = Number(searchParams.get('seed') ?? Number.NaN);
  return {
    prompt: searchParams.get('prompt') ?? '',
    seed: Number.isSafeInteger(seed) ? seed : undefined,
    live: searchParams.get('live') === '1',
  };
}

/** The address of the page with these options; without the key, which is nobody else's. */
export function pageLink(page: URL, { prompt, seed, live }: LinkedOptions): string {
  const link = new URL(page);
  link.hash = '';
  for (const name of ['api_key', 'prompt', 'seed', 'live']) link.searchParams.delete(name);
  if (prompt !== '') link.searchParams.set('prompt', prompt);
  if (seed !== undefined) link.searchParams.set('seed', String(seed));
  if (live) link.searchParams.set('live', '1');
  return link.href;
}
