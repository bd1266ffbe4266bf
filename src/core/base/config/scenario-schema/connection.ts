import { z } from 'zod';
import { often, optionalCount, segment, whom } from './quantities.ts';

/** 1004 to 1006 and 1015 are reserved and cannot be sent; from 3000 on they are free. */
const sendable = (code: number) =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || code >= 3000;

export const ConnectionFaultsSchema = z
  .strictObject({
    drop: z.enum(['none', 'cut', 'close']).default('none').meta({
      description: '`cut`: without a close frame, like a lost network. `close`: with the code below.',
    }),
    after_messages: optionalCount(
      'Drops after this many messages of the server, text and media.',
      'messages',
    ),
    after_bytes: optionalCount('Drops after this many bytes of media.', 'bytes'),
    after_seconds: z.number().min(0).max(2_000_000).optional().meta({
      description:
        'Drops this long after the connection was opened. The first of the three limits that is reached counts.',
      unit: 'seconds',
    }),
    code: z
      .int()
      .min(1000)
      .max(4999)
      .refine(sendable, {
        error: 'must be a close code that may be sent: 1000 to 1014 without 1004 to 1006, or 3000 to 4999',
      })
      .default(1011)
      .meta({ description: 'Close code of `drop: close`.' }),
    reason: z
      .string()
      .refine((text) => new TextEncoder().encode(text).length <= 123, {
        error: 'must be a text of at most 123 bytes',
      })
      .default('')
      .meta({ description: 'Close reason of `drop: close`.' }),
    ...whom,
  })
  .refine(
    ({ drop, after_messages, after_bytes, after_seconds }) =>
      drop === 'none' || [after_messages, after_bytes, after_seconds].some((limit) => limit !== undefined),
    { path: ['drop'], message: 'needs one of after_messages, after_bytes and after_seconds' },
  )
  .meta({ description: 'A connection that is lost.' });

export const MediaFaultsSchema = z
  .strictObject({
    fault: z.enum(['none', 'garbage', 'short_init', 'missing_fragment', 'wrong_codec']).default('none').meta({
      description:
        '`garbage`: random bytes instead of a media message. `short_init`: half of the init segment. `missing_fragment`: a media message is omitted. `wrong_codec`: `media_init` names a codec that is not in the stream.',
    }),
    segment: segment(1),
    fragment: z.int().min(1).max(1_000_000).default(2).meta({
      description: 'Which media message of the segment, the init segment not counted.',
    }),
    ...often,
    ...whom,
  })
  .meta({ description: 'Malformed media.' });
