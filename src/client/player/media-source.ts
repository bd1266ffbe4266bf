/** What an iPhone has in place of MediaSource; the same in use, but it says when it wants media. */
type ManagedMediaSource = typeof MediaSource;

/** The browser's MediaSource; undefined where it has none. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  const { ManagedMediaSource } = globalThis as { readonly ManagedMediaSource?: ManagedMediaSource };
  return globalThis.MediaSource ?? ManagedMediaSource;
}
