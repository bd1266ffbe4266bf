import { z } from 'zod';
import { bytes, count, seconds } from './quantities.ts';

const mebibyte = 2 ** 20;

/** Limits on plain HTTP, which every server has. */
export const httpLimits = {
  http_connections: count(
    512,
    'TCP connections besides the WebSockets: probes, pages, and connections without a request yet. Beyond that, the connection that has been idle longest is closed to make room for the next.',
    { unit: 'connections' },
  ),
  http_headers_seconds: seconds(20, 'Time limit for receiving the headers of a request.'),
  http_request_seconds: seconds(60, 'Time limit for receiving a whole request.'),
  http_body_bytes: bytes(mebibyte, 'Largest body of a request.', 1024),
};

export const HttpLimitsSchema = z.strictObject(httpLimits);

export const LimitsSchema = z
  .strictObject({
    ...httpLimits,
    waiting_messages: count(
      64,
      'Messages of one client that may wait while an earlier one is processed; the next one is answered with an error.',
      { unit: 'messages' },
    ),
    waiting_bytes: bytes(
      8 * mebibyte,
      'Bytes of messages of one client that may wait; beyond that the server stops reading from it until they are processed.',
      1024,
    ),
    prompt_calls: count(
      4,
      'Calls of one client to the safety filter and to prompt providers at once; the others wait until one has ended.',
      { unit: 'calls' },
    ),
    state_bytes: bytes(
      128 * mebibyte,
      'Bytes of one `continuation_state`; data that it refers to counts once per reference.',
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
      'Limits for one client, or for all clients together. `fastvideo_limits_reached_total` in `/metrics` counts how often each was reached.',
  });
