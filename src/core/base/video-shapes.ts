/** Width to height, as web apps offer it. */
export const aspectRatios = ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'] as const;
export type AspectRatio = (typeof aspectRatios)[number];

/** Named by the shorter side. */
export const resolutions = ['480p', '720p', '1080p', '4k'] as const;
export type Resolution = (typeof resolutions)[number];

export interface VideoShape {
  readonly aspectRatio: AspectRatio;
  readonly resolution: Resolution;
}
