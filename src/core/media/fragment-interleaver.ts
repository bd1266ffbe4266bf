import { type Fragment, writeMfhd, writeTfdt, writeTfhd } from './mp4/fragment.ts';
import { audioTrackId } from './mp4/init-segment.ts';

/** A fragment that waits to be sent, with its start in seconds. */
interface Waiting {
  readonly fragment: Fragment;
  readonly seconds: number;
}

/** Puts the fragments of both tracks in order of time, numbers them, and joins them to chunks. */
export class FragmentInterleaver {
  readonly #waiting: Waiting[] = [];
  #sequenceNumber: number;

  /** `firstSequenceNumber`: `mfhd` numbers must grow along the whole session. */
  constructor(firstSequenceNumber: number) {
    this.#sequenceNumber = firstSequenceNumber;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** `time` is in ticks of `timescale` a second, from the session's start. */
  addVideo(fragment: Fragment, time: number, timescale: number): void {
    writeTfdt(fragment.moof, time);
    this.#waiting.push({ fragment, seconds: time / timescale });
  }

  addAudio(fragment: Fragment, time: number, timescale: number): void {
    writeTfhd(fragment.moof, audioTrackId);
    writeTfdt(fragment.moof, time);
    this.#waiting.push({ fragment, seconds: time / timescale });
  }

  /** Everything that waits, as one chunk of whole `moof` + `mdat` pairs. */
  take(): Uint8Array {
    const parts: Uint8Array[] = [];
    const inOrder = this.#waiting.splice(0).sort((a, b) => a.seconds - b.seconds);
    for (const { fragment } of inOrder) {
      writeMfhd(fragment.moof, this.#sequenceNumber);
      this.#sequenceNumber += 1;
      parts.push(fragment.moof, fragment.mdat);
    }
    return Buffer.concat(parts);
  }
}
