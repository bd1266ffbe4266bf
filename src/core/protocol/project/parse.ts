import { type Parsed, parseFrame } from '../native/parse.ts';
import { type ProjectClientFrame, ProjectClientFrameSchema } from './client-frames.ts';

/** Reads one text frame of a client of `/ws`. Never throws. */
export function parseProjectClientFrame(text: string): Parsed<ProjectClientFrame> {
  return parseFrame(text, ProjectClientFrameSchema);
}
