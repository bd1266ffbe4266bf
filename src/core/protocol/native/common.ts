import * as z from 'zod';

/** How the media of a session reaches the client. */
export const StreamModeSchema = z.enum(['av_fmp4', 'legacy_jpeg']);

/** Where a prompt came from. */
export const PromptSourceSchema = z.enum(['curated', 'enhanced', 'user', 'auto_extension']);
export type PromptSource = z.infer<typeof PromptSourceSchema>;

export const SegmentIndexSchema = z.int().min(0).describe('Index of the segment in its session, from 0.');

export const ResumeSchema = z
  .object({
    session_id: z.string().min(1).max(200),
    resume_token: z.string().min(1).max(400),
  })
  .describe('From an earlier `gpu_assigned`; the session continues where it stopped.');
