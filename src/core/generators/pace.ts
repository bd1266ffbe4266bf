import { pause } from '../base/async/aborted.ts';

/** When the frames of a run may be made: no sooner than a viewer who watches it needs them. */
export interface PaceOptions {
  /** Frames a second. */
  readonly fps: number;
  /** Milliseconds that the first frame to be shown may be made before it is due; negative: it is waited for. */
  readonly aheadMs: number;
  /** The first frame to be shown; those before it are made as fast as they can be. */
  readonly firstFrame: number;
}

/** The clock of one run; it begins to run when the first frame to be shown is asked for. */
export class Pace {
  readonly #options: PaceOptions;
  #begunAt: number | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Resolves when the frame of that number may be made, or when the signal aborts. */
  async frameIsDue(frame: number, signal: AbortSignal): Promise<void> {
    const { fps, aheadMs, firstFrame } = this.#options;
    if (frame < firstFrame) return;
    this.#begunAt ??= performance.now();
    const dueAt = this.#begunAt + ((frame - firstFrame) * 1000) / fps - aheadMs;
    await pause(dueAt - performance.now(), signal);
  }
}
