import type { ContinuationState, ServerFrame } from './frames.ts';

/** Where a session ended that reached the segment limit of the server. */
export interface Continuation {
  /** Unset where no segment continues another. */
  readonly state?: ContinuationState;
  /** Preset prompts that the server has used by itself. */
  readonly presetsUsed: number;
}

/** How far the film is, so that another session can continue it. */
export class SessionProgress {
  #completed = 0;
  #presetsUsed = 0;
  /** Sent by the server as the session reaches its limit. */
  #finalState: ContinuationState | undefined;

  /** `continues`: the film goes on; else another one begins. */
  sessionStarted(continues: boolean): void {
    this.#completed = 0;
    this.#finalState = undefined;
    if (!continues) this.#presetsUsed = 0;
  }

  /** `asked`: a request of this client waits in the server. */
  take(frame: ServerFrame, asked: boolean): void {
    switch (frame.type) {
      case 'ltx2_segment_start':
        if (frame.source === 'curated' && !asked) this.#presetsUsed += 1;
        return;
      case 'ltx2_segment_complete':
        this.#completed += 1;
        return;
      case 'continuation_state_snapshot':
        this.#finalState = frame.state;
        return;
      default:
        return;
    }
  }

  /** What the next session continues from; undefined when none can. */
  continuation(singleClips: boolean): Continuation | undefined {
    // A session in which no segment was made would be followed by another such one.
    if (this.#completed === 0) return undefined;
    const state = singleClips ? undefined : this.#finalState;
    if (!singleClips && !state) return undefined;
    return { presetsUsed: this.#presetsUsed, ...(state ? { state } : {}) };
  }
}
