import * as z from 'zod';

/** In the first frame of both dialects. */
export const realtimeField = z
  .boolean()
  .nullish()
  .transform((given) => given ?? false)
  .describe(
    '(ours) Media is made no faster than it plays, `streaming.realtime_lead_ms` before it is due: for live streams without end, and so that a `prompt_update` is seen at once. Default: false.',
  );
