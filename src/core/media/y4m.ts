import { FastVideoError } from '../base/errors.ts';
import type { RawFormat } from './raw-format.ts';

/** What a y4m stream begins with, and each of its frames. */
export const y4mMagic = 'YUV4MPEG2 ';
export const y4mFrameMagic = 'FRAME';

export interface Y4mHeader {
  readonly width: number;
  readonly height: number;
  /** Unset where the header leaves it open. */
  readonly fps: { readonly num: number; readonly den: number } | undefined;
  readonly format: RawFormat;
  /** Whether the values fill 0 to 255 instead of 16 to 235. */
  readonly fullRange: boolean;
}

/** The variants of 4:2:0 differ in where the chroma sample lies, which no encoder here tells. */
const formats: Readonly<Record<string, RawFormat>> = {
  '420': 'yuv420p',
  '420jpeg': 'yuv420p',
  '420mpeg2': 'yuv420p',
  '420paldv': 'yuv420p',
  '422': 'yuv422p',
  '444': 'yuv444p',
  mono: 'gray',
};

/** Reads the first line of a y4m stream (mjpegtools, yuv4mpeg(5)), without its end. Throws `input_invalid`. */
export function parseY4mHeader(line: string): Y4mHeader {
  const fields = line.slice(y4mMagic.length).split(' ').filter(Boolean);
  const field = (tag: string) => fields.find((one) => one.startsWith(tag))?.slice(1);
  const colour = field('C') ?? '420';
  const format = formats[colour];
  if (!format) {
    throw invalid(
      `its pixel format C${shown(colour)} is not supported: use one of C${Object.keys(formats).join(', C')}`,
    );
  }
  const interlacing = field('I') ?? 'p';
  if (!['p', '?'].includes(interlacing)) {
    throw invalid(
      `it is interlaced (I${shown(interlacing)}): give whole pictures, e.g. through ffmpeg's filter yadif`,
    );
  }
  return {
    width: side('width', 'W', field('W')),
    height: side('height', 'H', field('H')),
    fps: rate(field('F')),
    format,
    fullRange: fields.includes('XCOLORRANGE=FULL'),
  };
}

function side(name: string, tag: string, value: string | undefined): number {
  if (value === undefined) throw invalid(`its header has no ${name} (${tag})`);
  if (!/^[1-9]\d{0,5}$/.test(value)) {
    throw invalid(`its ${name} ${tag}${shown(value)} is not valid: it must be a whole number from 1`);
  }
  return Number(value);
}

/** `F0:0` means that it is unknown. */
function rate(value: string | undefined): Y4mHeader['fps'] {
  if (value === undefined || value === '0:0') return undefined;
  const [, num, den] = /^([1-9]\d*):([1-9]\d*)$/.exec(value) ?? [];
  if (num === undefined)
    throw invalid(`its frame rate F${shown(value)} is not valid: it must be a fraction such as F24:1`);
  return { num: Number(num), den: Number(den) };
}

/** What stands in a header may be anything. */
function shown(value: string): string {
  const text = value.replaceAll(/[^\x20-\x7e]/g, '?');
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function invalid(reason: string): FastVideoError {
  return new FastVideoError('input_invalid', `The y4m stream on stdin cannot be encoded: ${reason}.`);
}
