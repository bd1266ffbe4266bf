import * as z from 'zod';

/**
 * What a generator needs to go on where a segment ended. `kind` names the generator's format, `payload` is its own.
 * Sent to the client as it is, and taken back from it in `session_init_v2`.
 */
export const ContinuationStateSchema = z
  .object({
    kind: z.string().min(1).max(200).describe('Format of the payload; a model accepts only its own kind.'),
    payload: z
      .record(z.string(), z.unknown())
      .describe(
        'Whatever the generator put there. In JSON, bytes are `{"$base64": "…"}`; a member kept by the server is `{"$ref": {"blob_id", "encoding", "bytes"}}`.',
      ),
  })
  .meta({ id: 'ContinuationState' });

export type ContinuationState = z.infer<typeof ContinuationStateSchema>;
