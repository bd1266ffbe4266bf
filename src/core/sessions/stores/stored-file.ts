import { crc32 } from 'node:zlib';
import { z } from 'zod';

/** A line of JSON, then the payload: a file that was cut off or overwritten is told from a whole one. */
const HeaderSchema = z.object({ fastvideo: z.literal(1), bytes: z.int(), crc32: z.int() });

const lineFeed = 0x0a;

export function encodeStoredFile(payload: Uint8Array): Buffer {
  const header: z.infer<typeof HeaderSchema> = { fastvideo: 1, bytes: payload.length, crc32: crc32(payload) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]);
}

/** The payload; undefined for a file that is damaged. */
export function decodeStoredFile(content: Uint8Array): Uint8Array | undefined {
  const header = readHeader(content.subarray(0, content.indexOf(lineFeed)));
  if (header === undefined) return undefined;
  // Not a Buffer: its `slice` shares memory, and callers see a plain Uint8Array.
  const start = content.byteOffset + content.indexOf(lineFeed) + 1;
  const payload = new Uint8Array(content.buffer, start, content.byteOffset + content.length - start);
  return payload.length === header.bytes && crc32(payload) === header.crc32 ? payload : undefined;
}

function readHeader(line: Uint8Array): z.infer<typeof HeaderSchema> | undefined {
  try {
    return HeaderSchema.safeParse(JSON.parse(Buffer.from(line).toString())).data;
  } catch {
    // No JSON: the file is damaged, which is what undefined says.
    return undefined;
  }
}
