import type { Frame } from '../contract/frame-documents.ts';
import { SoakSession, type SoakSessionOptions } from './soak-session.ts';

/** Lets the server walk its seed prompts in a loop, and pauses it now and then. */
export class ProjectSoakSession extends SoakSession {
  readonly #seeds: readonly string[];
  #next = 0;
  #sources = 0;
  #begun = 0;
  #started = false;

  constructor(options: SoakSessionOptions) {
    super('/ws', options);
    this.#seeds = [1, 2, 3].map((number) => `${options.name}, seed ${number}`);
  }

  protected opened(): void {
    this.send({
      type: 'session_init_v2',
      curated_prompts: this.#seeds,
      loop_generation_enabled: true,
      enhancement_enabled: false,
    });
  }

  protected note(frame: Frame): void {
    if (frame.type === 'ltx2_stream_start') {
      if (this.#started && this.#next !== this.#seeds.length)
        throw new Error('a stream started in the middle');
      this.#started = true;
      this.#next = 0;
      this.countAnew(1);
    } else if (frame.type === 'segment_prompt_source') {
      this.#sources += 1;
      if (this.#sources !== this.#begun + 1) throw new Error('segment_prompt_source came twice');
    }
  }

  protected begins(frame: Frame): void {
    this.#begun += 1;
    const expected = this.#seeds[this.#next];
    if (frame.prompt !== expected) throw new Error(`"${frame.prompt}" came in place of "${expected}"`);
    this.#next += 1;
  }

  protected segmentEnded(): void {
    if (this.random() > 0.2) return;
    this.send({ type: 'set_generation_paused', paused: true });
    void this.pause(500).then(() => this.send({ type: 'set_generation_paused', paused: false }));
  }
}
