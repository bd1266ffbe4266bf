/** The last stretch of a sound, by position: samples per channel from the session's start. */
export class SampleHistory {
  readonly #channels: number;
  #chunks: { readonly start: number; readonly samples: Float32Array }[] = [];
  #end: number;

  constructor(channels: number, start: number) {
    this.#channels = channels;
    this.#end = start;
  }

  /** Position behind the last sample. */
  get end(): number {
    return this.#end;
  }

  /** Adds interleaved samples at the end. They are kept, not copied. */
  append(samples: Float32Array): void {
    this.#chunks.push({ start: this.#end, samples });
    this.#end += samples.length / this.#channels;
  }

  /** Forgets what lies before `position`, in whole chunks. */
  forgetBefore(position: number): void {
    const next = this.#chunks.findIndex(
      ({ start, samples }) => start + samples.length / this.#channels > position,
    );
    this.#chunks.splice(0, next === -1 ? this.#chunks.length : next);
  }

  /** Interleaved samples from `from` to `to`; silence where none are kept. */
  slice(from: number, to: number): Float32Array {
    const result = new Float32Array(Math.max(0, to - from) * this.#channels);
    for (const { start, samples } of this.#chunks) {
      const first = Math.max(from, start);
      const last = Math.min(to, start + samples.length / this.#channels);
      if (first >= last) continue;
      const part = samples.subarray((first - start) * this.#channels, (last - start) * this.#channels);
      result.set(part, (first - from) * this.#channels);
    }
    return result;
  }
}
