export const stillFormats = ['png', 'jpeg', 'webp'] as const;
export type StillFormat = (typeof stillFormats)[number];

/** Single pictures, out of videos and into other formats. */
export interface Stills {
  /** The first picture of a file, no wider than 640 pixels, as a JPEG. Throws `encoder_failed`. */
  thumbnail(path: string, signal: AbortSignal): Promise<Uint8Array>;
  /** A JPEG in another format. Throws `encoder_failed`. */
  convert(jpeg: Uint8Array, format: StillFormat, signal: AbortSignal): Promise<Uint8Array>;
}
