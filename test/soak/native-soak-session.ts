import type { Frame } from '../contract/frame-documents.ts';
import { SoakSession, type SoakSessionOptions } from './soak-session.ts';

/** Asks for one to three segments, waits for all of them, thinks a while, and asks again. */
export class NativeSoakSession extends SoakSession {
  #asked = 0;
  #begun = 0;
  #done = 0;
  #steps = 0;

  constructor(options: SoakSessionOptions) {
    super('/v1/stream', options);
  }

  protected opened(): void {
    this.send({ type: 'session_init_v2', client_id: this.name });
  }

  protected note(frame: Frame): void {
    if (frame.type === 'ltx2_stream_start') {
      if (this.#asked > 0) throw new Error('the stream started twice');
      this.#ask();
    } else if (frame.type === 'step_complete') {
      if (Number(frame.step) <= this.#steps) throw new Error(`step ${String(frame.step)} came twice`);
      this.#steps = Number(frame.step);
    }
  }

  protected begins(frame: Frame): void {
    this.#steps = 0;
    const expected = this.#prompt(this.#begun);
    if (frame.prompt !== expected) throw new Error(`"${frame.prompt}" came in place of "${expected}"`);
    this.#begun += 1;
  }

  protected segmentEnded(): void {
    this.#done += 1;
    if (this.#done === this.#asked) void this.pause(600).then(() => this.#ask());
  }

  #ask(): void {
    if (this.ended.signal.aborted) return;
    const count = 1 + Math.floor(this.random() * 3);
    for (let more = 0; more < count; more += 1) {
      this.send({ type: 'segment_prompt_source', prompt: this.#prompt(this.#asked), source: 'user' });
      this.#asked += 1;
    }
  }

  #prompt(number: number): string {
    return `${this.name}, prompt ${number}`;
  }
}
