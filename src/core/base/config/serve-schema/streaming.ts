import { z } from 'zod';
import { CreationSchema, UploadsSchema } from './creation.ts';
import { EncoderSchema } from './encoder.ts';
import { PromptSchema } from './prompt.ts';
import { bytes, count, flag, openingSeconds, seconds, text } from './quantities.ts';
import { SafetySchema } from './safety.ts';

const mebibyte = 1024 * 1024;

const WarmupSchema = z
  .strictObject({
    enabled: flag(true, 'Whether each worker generates trial segments before it counts as ready.'),
    prompt: z
      .string()
      .min(1)
      .default('Slow aerial view of a rocky coast at dawn, soft light on calm water')
      .meta({
        description: 'Prompt of the trial segments.',
      }),
    timeout_seconds: seconds(2400, 'How long the warm-up may take.'),
  })
  .meta({ description: 'Warm-up of the workers.' });

const PoolSchema = z
  .strictObject({
    num_workers: z.int().min(1).max(1024).optional().meta({
      description: 'Number of workers; each has its own GPU.',
      unit: 'workers',
      defaultNote: 'one for each visible GPU (`engine.num_gpus` of them, where set), at least one',
    }),
    cancel_grace_seconds: seconds(
      30,
      'How long a worker may take to end a segment that was cancelled or whose client disconnected, before it is killed and restarted.',
    ),
    heartbeat_timeout_seconds: seconds(
      60,
      'How long a worker may leave pings unanswered before it is killed and restarted.',
      1,
    ),
    restart_max_delay_seconds: seconds(
      30,
      'Longest delay before a dead worker is restarted; the first is 0.2 s, each further one twice as long.',
    ),
    park_after_deaths: count(
      10,
      'Deaths of a worker within the window after which it is no longer restarted.',
      {
        unit: 'deaths',
      },
    ),
    park_window_seconds: seconds(600, 'The window in which deaths are counted.'),
    enable_audio_reencode: flag(
      true,
      'Whether the worker decodes and encodes the sound again at a segment boundary. Passed to the worker; the one of FastVideo 0.2 ignores it.',
    ),
    conditioning_num_frames: count(9, 'Frames of a segment that the next one is conditioned on; 0: none.', {
      min: 0,
      max: 10_000,
      unit: 'frames',
    }),
    conditioning_end_offset: count(
      0,
      'Frames at the end of a segment that are not used to condition the next one.',
      {
        min: 0,
        max: 10_000,
        unit: 'frames',
      },
    ),
  })
  .meta({ description: 'The workers.' });

export const StreamingSchema = z
  .strictObject({
    session_timeout_seconds: z.int().min(0).max(2_000_000).default(300).meta({
      description:
        'Idle time after which a session ends, on `/ws` the time since it got its worker; 0: no limit.',
      unit: 'seconds',
    }),
    generation_segment_cap: z.int().min(0).max(1_000_000).default(6).meta({
      description: 'Segments in one session; 0: as many as are asked for.',
      unit: 'segments',
      defaultNote: '`6`; `0` without a config file',
    }),
    rollout_segment_cap: z.int().min(0).max(1_000_000).optional().meta({
      description:
        'Segments in one rollout of `/ws`, in place of `generation_segment_cap`; 0: as many as there are prompts. The web app offers a rollout for download when it is complete.',
      unit: 'segments',
      defaultNote: '`generation_segment_cap`; `6` without a config file',
    }),
    realtime_lead_ms: z.int().min(0).max(60_000).default(500).meta({
      description:
        'How long before it is due a picture is made at the earliest, in sessions that were opened with `realtime`.',
      unit: 'milliseconds',
    }),
    stream_mode: z
      .enum(['av_fmp4', 'legacy_jpeg'])
      .default('av_fmp4')
      .meta({ description: 'How media is sent: fragmented MP4, or JPEG frames.' }),
    max_sessions: z.int().min(1).max(1_000_000).optional().meta({
      description: 'Sessions at once, including those that wait for a worker.',
      unit: 'sessions',
      defaultNote: 'the workers plus 16; `64` for `mock`',
    }),
    acquire_timeout_seconds: seconds(600, 'How long a session may wait for a worker.'),
    segment_timeout_seconds: seconds(600, 'How long one segment may take.'),
    ...openingSeconds('`session_timeout_seconds`'),
    resume_ttl_seconds: seconds(300, 'How long a session can be resumed after its connection was lost.', 0),
    store: z
      .string()
      .refine((store) => /^(memory:|file:.+|rediss?:\/\/.+)$/.test(store), {
        error: 'must be "memory:", "file:DIRECTORY", "redis://HOST[:PORT][/DB]" or "rediss://…"',
      })
      .default('memory:')
      .meta({
        description:
          'Where sessions are kept for a resume: `memory:` (lost with the process), `file:DIRECTORY` (survives a restart), `redis://[USER:PASSWORD@]HOST[:PORT][/DB]` or `rediss://…` (Redis or Valkey, shared by replicas).',
      }),
    store_max_bytes: bytes(
      256 * mebibyte,
      'Bytes that the memory or file store may hold; the oldest sessions are removed first. Redis has its own limits.',
    ),
    max_queued_requests: count(8, 'Requests of one session that may wait while a segment is generated.', {
      unit: 'requests',
    }),
    max_prompt_chars: count(8192, 'Longest prompt.', { unit: 'characters' }),
    max_curated_prompts: count(64, 'Largest number of curated prompts in one session.', {
      min: 0,
      unit: 'prompts',
    }),
    max_image_bytes: bytes(32 * mebibyte, 'Largest picture that a client sends, decoded from base64.'),
    creation: CreationSchema.prefault({}),
    uploads: UploadsSchema.prefault({}),
    client_buffer_bytes: bytes(8 * mebibyte, 'Bytes queued for one slow client before its generator pauses.'),
    session_log_dir: text('Folder for log files, one JSONL file per session.', {
      defaultNote: 'no session log',
    }),
    log_prompts: flag(
      false,
      "Whether the server's log tells prompts, also in what workers and models write; with `--verbose` it always does.",
    ),
    session_log_prompts: flag(true, 'Whether session logs tell prompts; else they tell their lengths.'),
    warmup: WarmupSchema.prefault({}),
    pool: PoolSchema.prefault({}),
    prompt: PromptSchema.prefault({}),
    safety: SafetySchema.prefault({}),
    encoder: EncoderSchema.prefault({}),
  })
  .meta({ description: 'Sessions, limits and the stream itself.' });
