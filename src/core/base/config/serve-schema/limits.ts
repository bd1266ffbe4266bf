import { z } from 'zod';
import { bytes, count, seconds } from './quantities.ts';

const mebibyte = 2 ** 20;

/** Limits on plain HTTP, which every server has. */
export const httpLimits = {
  http_connections: count(
    512,
    'TCP connections beside the WebSockets: probes, pages, and those that have not asked for anything yet. Beyond them the one that has asked for nothing for longest is closed for the next.',
    { unit: 'connections' },
  ),
  http_headers_seconds: seconds(20, 'How long the headers of a request may take to come.'),
  http_request_seconds: seconds(60, 'How long a whole request may take to come.'),
  http_body_bytes: bytes(mebibyte, 'Largest body of a request.', 1024),
};

export const HttpLimitsSchema = z.strictObject(httpLimits);

export const LimitsSchema = z
  .strictObject({
    ...httpLimits,
    waiting_messages: count(
      64,
      'Messages of one client that may wait while one before them is worked on; the next one is answered with an error.',
      { unit: 'messages' },
    ),
    waiting_bytes: bytes(
      8 * mebibyte,
      'Bytes of messages of one client that may wait; beyond that no more is read from it until they are worked on.',
      1024,
    ),
    state_bytes: bytes(
      128 * mebibyte,
      'Bytes of one `continuation_state`, with everything that it refers to counted as often as it does.',
      1024,
    ),
    image_pixels: count(
      8192 * 8192,
      'Width times height of an initial image, as its header tells them; the generator holds some bytes of memory for each.',
      { unit: 'pixels', max: Number.MAX_SAFE_INTEGER },
    ),
    presets_bytes: bytes(4 * mebibyte, 'Largest file of curated presets.', 16 * 1024),
  })
  .meta({
    description:
      'What one client, or all of them, may hold. `fastvideo_limits_reached_total` in `/metrics` tells how often each was reached.',
  });
