import { Wakeup } from '../../base/async/wakeup.ts';

const maxTypeChars = 100;

/** The frame that ends a session in both dialects. */
export const leaveCue = 'leave';

/** Those that ask for a segment: who sends one waits for it. */
const askingCues = new Set(['segment_prompt_source', 'append_prompt', 'simple_generate']);

/** What a client's message counts as: its `type`, or what it is instead of a frame. */
export function cueOf(message: object): string {
  if ('binary' in message) return '(binary)';
  const frame = 'frame' in message ? message.frame : undefined;
  const type = typeof frame === 'object' && frame !== null && 'type' in frame ? frame.type : undefined;
  return typeof type === 'string' ? type.slice(0, maxTypeChars) : '(no type)';
}

/**
 * What the client of a replay has sent, against what the recorded client sent: a message may come before the replay
 * is there, and is kept for then.
 */
export class Cues {
  /** Recorded messages that nothing has come for yet. */
  readonly #open: Map<string, number>;
  /** Messages that have come and that the replay is not at yet. */
  readonly #early = new Map<string, number>();
  readonly #news = new Wakeup();
  /** A segment was asked for that was not recorded. */
  #asksInVain = false;

  constructor(recorded: ReadonlyMap<string, number>) {
    this.#open = new Map(recorded);
  }

  /** A message of the client; false: no further one of its kind was recorded. */
  give(cue: string): boolean {
    if (!subtract(this.#open, cue)) {
      this.#asksInVain ||= askingCues.has(cue);
      this.#news.wake();
      return false;
    }
    this.#early.set(cue, (this.#early.get(cue) ?? 0) + 1);
    this.#news.wake();
    return true;
  }

  has(cue: string): boolean {
    return this.#early.has(cue);
  }

  /**
   * Resolves when the client has sent such a message, or with why it will not: it has left or gone, or waits for a
   * segment that was not recorded.
   */
  async take(cue: string, gone: AbortSignal): Promise<'taken' | 'left' | 'ended'> {
    while (!subtract(this.#early, cue)) {
      if (this.has(leaveCue) || gone.aborted) return 'left';
      if (cue === leaveCue && this.#asksInVain) return 'ended';
      await this.#news.wait(gone);
    }
    return 'taken';
  }
}

/** False when there is none left. */
function subtract(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0;
  if (count > 1) counts.set(key, count - 1);
  else counts.delete(key);
  return count > 0;
}
