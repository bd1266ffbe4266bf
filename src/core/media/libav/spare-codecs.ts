import type { EncodePlan } from '../encode-plan.ts';
import type { Libav } from './load-libav.ts';
import { VideoCodec } from './video-codec.ts';

/** Plans for which one is kept ready. */
const mostSpares = 4;

/** Codecs opened ahead, which takes milliseconds: at most one for each plan, the oldest go first. */
export class SpareCodecs {
  readonly #av: Libav;
  readonly #spares = new Map<string, Promise<VideoCodec>>();
  #isClosed = false;

  constructor(av: Libav) {
    this.#av = av;
  }

  /** Opens one unless one waits. */
  add(plan: EncodePlan): void {
    const key = keyOf(plan);
    if (this.#isClosed || this.#spares.has(key)) return;
    const spare = VideoCodec.open(this.#av, plan);
    this.#spares.set(key, spare);
    // One that cannot be opened is of no interest here: whoever opens the next is told.
    spare.catch(() => {
      if (this.#spares.get(key) === spare) this.#spares.delete(key);
    });
    const [oldest] = this.#spares;
    if (this.#spares.size <= mostSpares || !oldest) return;
    this.#spares.delete(oldest[0]);
    void free(oldest[1]);
  }

  /** Rejects with `encoder_failed` where none can be opened. */
  take(plan: EncodePlan): Promise<VideoCodec> {
    const key = keyOf(plan);
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    return spare ?? VideoCodec.open(this.#av, plan);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const spares = [...this.#spares.values()];
    this.#spares.clear();
    await Promise.all(spares.map(free));
  }
}

function free(spare: Promise<VideoCodec>): Promise<void> {
  return spare.then(
    (codec) => codec.free(),
    () => {},
  );
}

/** The sound has no part in it. */
function keyOf({ audio: _, ...plan }: EncodePlan): string {
  return JSON.stringify(plan);
}
