declare global {
  interface Window {
    /** What an iPhone has in place of MediaSource; the same in use. */
    readonly ManagedMediaSource?: typeof MediaSource;
  }
}

/** The browser's MediaSource; undefined where it has none. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  return globalThis.MediaSource ?? window.ManagedMediaSource;
}
