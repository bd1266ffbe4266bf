import type { ErrorServerFrame, Ltx2StreamCompleteServerFrame } from './frames.ts';
import type { StreamClose } from './stream-connection.ts';

/** What was told before the connection closed. */
export interface LastWords {
  readonly leaving: boolean;
  readonly complete?: Ltx2StreamCompleteServerFrame['reason'];
  readonly timeoutSeconds?: number;
  readonly error?: ErrorServerFrame;
}

/** What a close means: the session is over, the client should try again, or a person has to do something first. */
export type Ending =
  /** The server makes no more segments in one session; another one can continue. */
  | { readonly type: 'capped'; readonly sentence: string }
  | { readonly type: 'ended'; readonly sentence: string }
  | { readonly type: 'lost' }
  | { readonly type: 'refused' };

export function endingOf({ code, wasOpen }: StreamClose, words: LastWords): Ending {
  if (words.leaving) return { type: 'ended', sentence: 'You ended the session.' };
  if (words.complete === 'segment_cap') {
    return { type: 'capped', sentence: 'The session has reached the segment limit of the server.' };
  }
  if (words.timeoutSeconds !== undefined) {
    return {
      type: 'ended',
      sentence: `The session was closed after ${Math.round(words.timeoutSeconds)} s without a prompt.`,
    };
  }
  if (!wasOpen) return { type: 'lost' };
  // 1003 unsupported data, 1008 policy violation, 1009 message too big: the same again would end the same.
  if (code === 1003 || code === 1008 || code === 1009) return { type: 'refused' };
  if (words.error && !words.error.retryable && words.complete === undefined && code === 1013) {
    return { type: 'refused' };
  }
  if (code === 1000) return { type: 'ended', sentence: 'The server has ended the session.' };
  return { type: 'lost' };
}
