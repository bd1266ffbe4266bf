/** Sound that is read piece by piece. */
export interface SoundSource {
  /** One that AAC knows. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** The next samples, interleaved: `count` for each channel, fewer at the end only. */
  read(count: number): Promise<Float32Array | Int16Array>;
  close(): Promise<void>;
}
