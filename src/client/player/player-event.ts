import type { FastVideoError } from '../errors.ts';

/** What a player tells. Times in seconds of the video. */
export type PlayerEvent =
  /** The browser lets it play only without sound until the person touches the page. */
  | { readonly type: 'muted' }
  /** Media is missing: the player went on behind it. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  /** The pictures come slower than they are played, `rate` seconds of them in a second; it waits for `wanted` seconds. */
  | { readonly type: 'slow'; readonly rate: number; readonly wanted: number }
  /** It waits for media before it plays on; and it plays on. */
  | { readonly type: 'buffering'; readonly active: boolean }
  /** It was too far behind the newest picture, and jumped. */
  | { readonly type: 'jump'; readonly from: number; readonly to: number }
  /** `media_unsupported` or `media_failed`. */
  | { readonly type: 'error'; readonly error: FastVideoError };
