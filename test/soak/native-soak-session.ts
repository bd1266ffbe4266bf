import type { Frame } from '../contract/frame-documents.ts';
import { SoakSession, type SoakSessionOptions } from './soak-session.ts';

/** What it gets its media as, and whether it breaks off between two requests and comes back. */
export type NativeSoakKind = 'media' | 'jpeg' | 'resumes';

/** Asks for one to three segments, waits for all of them, thinks a while, and asks again. */
export class NativeSoakSession extends SoakSession {
  readonly #kind: NativeSoakKind;
  #key: object | undefined;
  #comesBack = false;
  #resumed = 0;
  #startedOver = 0;
  #asked = 0;
  #begun = 0;
  #done = 0;
  #steps = 0;

  constructor(options: SoakSessionOptions, kind: NativeSoakKind) {
    super('/v1/stream', options);
    this.#kind = kind;
  }

  /** Times that it has come back to its session, and that this was gone with its replica. */
  get returns(): { readonly resumed: number; readonly startedOver: number } {
    return { resumed: this.#resumed, startedOver: this.#startedOver };
  }

  /** What it has asked for, all of which came. */
  get prompts(): readonly string[] {
    return Array.from({ length: this.#done }, (_, number) => this.#prompt(number));
  }

  protected opened(): void {
    const mode = this.#kind === 'jpeg' ? { stream_mode: 'legacy_jpeg' } : {};
    this.send({ type: 'session_init_v2', client_id: this.name, ...mode });
  }

  protected note(frame: Frame): void {
    if (frame.type === 'gpu_assigned') {
      this.#key = { session_id: frame['session_id'], resume_token: frame['resume_token'] };
    } else if (frame.type === 'ltx2_stream_start') {
      if (this.#asked > 0 && !this.#comesBack) throw new Error('the stream started twice');
      if (this.#comesBack) this.#resumed += 1;
      this.#comesBack = false;
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
    if (this.#done === this.#asked) void this.pause(600).then(() => this.#goOn());
  }

  protected override refused(frame: Frame): boolean {
    return this.#comesBack && frame['code'] === 'session_rejected';
  }

  /** What a session has is gone with its replica, where that keeps it for itself. */
  protected override closed(code: number): boolean {
    if (!this.#comesBack || code !== 1013 || this.ended.signal.aborted) return false;
    this.#comesBack = false;
    this.#startedOver += 1;
    this.#asked = 0;
    this.#begun = 0;
    this.#done = 0;
    this.startOver();
    this.comeBack(() => this.opened());
    return true;
  }

  #goOn(): void {
    if (this.ended.signal.aborted) return;
    if (this.#kind !== 'resumes' || this.random() > 0.3) {
      this.#ask();
      return;
    }
    this.#comesBack = true;
    this.comeBack(() => this.send({ type: 'session_init_v2', client_id: this.name, resume: this.#key }));
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
