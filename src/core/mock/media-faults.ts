import type { SessionFaults } from './session-faults.ts';

type Message = string | Uint8Array;

/** Spoils media on its way to one client. Knows init segments and fragments by their place behind `media_init`. */
export class MediaFaults {
  #trouble: SessionFaults | undefined;
  #segments = 0;
  /** Binary messages since `media_init`; undefined before the first. */
  #binaries: number | undefined;
  #spoils = false;

  /** What is sent in place of the message; undefined: nothing. */
  pass(message: Message, trouble: SessionFaults): Message | undefined {
    if (trouble !== this.#trouble) this.#beginAnew(trouble);
    return typeof message === 'string' ? this.#text(message, trouble) : this.#binary(message, trouble);
  }

  /** Another scenario holds: it begins with the next segment. */
  #beginAnew(trouble: SessionFaults): void {
    this.#trouble = trouble;
    this.#segments = 0;
    this.#binaries = undefined;
    this.#spoils = false;
  }

  #text(text: string, trouble: SessionFaults): string {
    const { fault, segment } = trouble.scenario.media;
    if (fault === 'none' || !text.startsWith('{"type":"media_init"')) return text;
    this.#segments += 1;
    this.#binaries = 0;
    this.#spoils = (segment === 0 || segment === this.#segments) && trouble.happens('media');
    if (!this.#spoils || fault !== 'wrong_codec') return text;
    const frame = JSON.parse(text) as { mime: string };
    return JSON.stringify({ ...frame, mime: frame.mime.replace(/avc1\.[0-9a-f]{6}/i, 'av01.0.05M.08') });
  }

  #binary(data: Uint8Array, trouble: SessionFaults): Uint8Array | undefined {
    if (this.#binaries === undefined) return data;
    const place = this.#binaries;
    this.#binaries += 1;
    if (!this.#spoils) return data;
    const { fault, fragment } = trouble.scenario.media;
    if (fault === 'short_init' && place === 0) return data.subarray(0, data.length >> 1);
    if (place !== fragment) return data;
    if (fault === 'missing_fragment') return undefined;
    if (fault === 'garbage') {
      const random = trouble.random('garbage');
      return Uint8Array.from(data, () => Math.floor(random() * 256));
    }
    return data;
  }
}
