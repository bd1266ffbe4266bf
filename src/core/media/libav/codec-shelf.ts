import type { EncodePlan } from '../encode-plan.ts';
import type { Libav } from './load-libav.ts';
import { VideoCodec } from './video-codec.ts';

/** Pixels of all codecs that are kept: a codec holds some ten bytes for each. Eight of 1920x1080, 256 of 256x256. */
const mostPixels = 8 * 1920 * 1088;

interface Kept {
  readonly key: string;
  readonly pixels: number;
  readonly codec: Promise<VideoCodec>;
}

/** Opened codecs that wait for a segment of their plan; the oldest go first. */
export class CodecShelf {
  readonly #av: Libav;
  #kept: Kept[] = [];
  #isClosed = false;

  constructor(av: Libav) {
    this.#av = av;
  }

  /** Rejects with `encoder_failed` where none can be opened. */
  take(plan: EncodePlan): Promise<VideoCodec> {
    const key = keyOf(plan);
    const at = this.#kept.findLastIndex((kept) => kept.key === key);
    const [kept] = at === -1 ? [] : this.#kept.splice(at, 1);
    return kept?.codec ?? VideoCodec.open(this.#av, plan);
  }

  put(plan: EncodePlan, codec: VideoCodec): void {
    if (this.#isClosed) codec.free();
    else this.#add(plan, Promise.resolve(codec));
  }

  /** Opens one unless one waits. */
  fill(plan: EncodePlan): void {
    if (this.#isClosed || this.#kept.some(({ key }) => key === keyOf(plan))) return;
    this.#add(plan, VideoCodec.open(this.#av, plan));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#kept.splice(0).map(free));
  }

  #add(plan: EncodePlan, codec: Promise<VideoCodec>): void {
    const kept: Kept = { key: keyOf(plan), pixels: plan.width * plan.height, codec };
    this.#kept.push(kept);
    // One that cannot be opened is of no interest here: whoever opens the next is told.
    codec.catch(() => {
      this.#kept = this.#kept.filter((other) => other !== kept);
    });
    let pixels = this.#kept.reduce((sum, other) => sum + other.pixels, 0);
    while (pixels > mostPixels && this.#kept.length > 1) {
      const oldest = this.#kept.shift();
      if (!oldest) return;
      pixels -= oldest.pixels;
      void free(oldest);
    }
  }
}

function free({ codec }: Kept): Promise<void> {
  return codec.then(
    (opened) => opened.free(),
    () => {},
  );
}

/** The sound has no part in it. */
function keyOf({ audio: _, ...plan }: EncodePlan): string {
  return JSON.stringify(plan);
}
