import { z } from 'zod';

/** Raised when an older `fastvideo` could not read what a newer one writes. */
export const recordingVersion = 1;

/** Bytes that the reason of a close frame may have: RFC 6455, section 5.5. */
const maxReasonBytes = 123;

export const HeaderSchema = z.object({
  format: z.literal('fastvideo-recording'),
  version: z.literal(recordingVersion),
  /** `/v1/stream` or `/ws`. */
  path: z.string().startsWith('/'),
  server_version: z.string(),
  started_at: z.iso.datetime(),
});

/** Milliseconds since the connection was opened. */
const ms = z.number().nonnegative();
const from = z.enum(['client', 'server']);
const place = z.int().nonnegative();

/** One line of the index after its header; `frame` is a text message that is a JSON object, `text` any other. */
export const LineSchema = z.union([
  z.strictObject({ ms, from, frame: z.record(z.string(), z.unknown()) }),
  z.strictObject({ ms, from, text: z.string() }),
  z.strictObject({ ms, from, binary: z.strictObject({ offset: place, length: place }) }),
  z.strictObject({
    ms,
    close: z.strictObject({
      code: z.int().min(1000).max(4999),
      reason: z.string().refine((reason) => Buffer.byteLength(reason) <= maxReasonBytes),
    }),
  }),
]);

export type RecordingHeader = z.infer<typeof HeaderSchema>;
export type RecordedLine = z.infer<typeof LineSchema>;

/** The file with the binary messages of an index. */
export function binaryFileOf(indexFile: string): string {
  return indexFile.replace(/(\.jsonl)?$/, '.bin');
}
