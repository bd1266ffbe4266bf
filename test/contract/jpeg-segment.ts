import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContractClient, Frame } from './client.ts';

/** One segment of `legacy_jpeg`, as it came. */
export interface JpegSegment {
  readonly start: Frame;
  readonly batches: readonly Frame[];
  /** The files of all batches, in order. */
  readonly files: readonly Buffer[];
  /** `ltx2_segment_complete` or `segment_cancelled`. */
  readonly end: Frame;
}

/** Reads up to the end of the segment, complete or cancelled. The rules of the stream are checked by the client. */
export async function readJpegSegment(client: ContractClient): Promise<JpegSegment> {
  const start = await client.until('ltx2_segment_start');
  const batches: Frame[] = [];
  for (;;) {
    const frame = await client.frame();
    if (frame.type === 'error') throw new Error(`A segment ended in ${JSON.stringify(frame)}.`);
    if (frame.type === 'frame_batch') batches.push(frame);
    if (frame.type !== 'ltx2_segment_complete' && frame.type !== 'segment_cancelled') continue;
    const files = batches.flatMap((batch) => batch['frames'] as string[]);
    return { start, batches, files: files.map((file) => Buffer.from(file, 'base64')), end: frame };
  }
}

export async function makeJpegSegment(
  client: ContractClient,
  prompt: string,
  fields: object = {},
): Promise<JpegSegment> {
  client.prompt(prompt, fields);
  return await readJpegSegment(client);
}

/** Of files under 600 bytes ffmpeg misses the end, whoever wrote them; it is looked at here. */
const harmless = /EOI missing, emulating|deprecated|^$/;

/**
 * The pictures as RGB24, each read from a file of its own, so that files that were cut in the wrong place show. Throws
 * when ffmpeg finds anything wrong, or a picture of another size.
 */
export async function decodeJpegs(
  files: readonly Buffer[],
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Buffer[]> {
  for (const [index, file] of files.entries()) {
    if (file.readUInt16BE(0) !== 0xffd8 || file.readUInt16BE(file.length - 2) !== 0xffd9) {
      throw new Error(`File ${index} does not begin and end as a JPEG file does.`);
    }
  }
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-jpegs-'));
  try {
    for (const [index, file] of files.entries()) await writeFile(join(directory, `${index}.jpg`), file);
    // Each line in full: ffmpeg would say "repeated 3 times" of harmless ones, where one thread alone decodes.
    const said = ['-v', 'repeat+warning', '-xerror'];
    const shown = [...said, '-start_number', '0', '-i', join(directory, '%d.jpg')];
    // Without autorotation and scaling: a picture of another size changes the number of bytes.
    const { stdout, stderr } = await promisify(execFile)(
      '/usr/bin/ffmpeg',
      [...shown, '-autoscale', '0', '-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
      { maxBuffer: 2 ** 28, encoding: 'buffer' },
    );
    const complaints = stderr
      .toString()
      .split('\n')
      .filter((line) => !harmless.test(line));
    if (complaints.length > 0) throw new Error(`ffmpeg: ${complaints.join('\n')}`);
    const bytes = width * height * 3;
    if (stdout.length !== bytes * files.length) {
      throw new Error(`${files.length} files decode to ${stdout.length} bytes, not ${bytes} each.`);
    }
    return files.map((_, index) => stdout.subarray(index * bytes, (index + 1) * bytes));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
