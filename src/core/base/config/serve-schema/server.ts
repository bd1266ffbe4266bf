import { z } from 'zod';
import { normalOrigin } from '../../http/origin.ts';
import { messageRateKeys } from '../message-rate.ts';
import { LimitsSchema } from './limits.ts';
import { bytes, count, seconds } from './quantities.ts';

const OriginSchema = z
  .string()
  .min(1)
  .refine((text) => normalOrigin(text) !== undefined, 'must be an origin like https://app.example.org, or *');

const HostNameSchema = z
  .string()
  .min(1)
  .refine((name) => /^[A-Za-z0-9.-]{1,253}$/.test(name), 'must be a host name without scheme and port');

export const ServerSchema = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0').meta({
      description: 'Address to listen on.',
      defaultNote: '`127.0.0.1` without a config file, and for `mock`',
    }),
    port: z.int().min(0).max(65535).default(8000).meta({
      description: 'TCP port to listen on; 0 picks a free one, which is printed.',
    }),
    output_dir: z.string().min(1).default('outputs/').meta({
      description: 'Folder for what the server writes, such as the files of a worker.',
    }),
    static_dir: z.string().min(1).optional().meta({
      description: 'Folder of a built web app that is served at `/` instead of the playground.',
    }),
    curated_presets_path: z.string().min(1).optional().meta({
      description: 'JSON file of presets; `POST /curated-presets/append` adds to it.',
      defaultNote: '`curated_presets.json` in `server.output_dir`',
    }),
    curated_presets_fallback_path: z.string().min(1).optional().meta({
      description: 'JSON file of further presets.',
      defaultNote: 'the shipped `configs/curated-presets.json`',
    }),
    drain_seconds: seconds(30, 'How long running segments may still take after SIGTERM.', 0),
    allowed_origins: z.array(OriginSchema).default([]).meta({
      description:
        'Origins of pages that may connect, e.g. `https://app.example.org`. Empty: the same origin, and on a loopback address any loopback origin.',
    }),
    allowed_hosts: z.array(HostNameSchema).default([]).meta({
      description:
        'Names by which clients may call the server (the `Host` of a request), e.g. `video.example.org`, without a port. Loopback names and IP addresses are always accepted. Empty: on a loopback address no other name, elsewhere any name.',
    }),
    api_keys: z.array(z.string().min(1)).default([]).meta({
      description: 'API keys; a client must send one of them. Empty: no key is needed.',
      secret: true,
    }),
    admin_token: z.string().min(16).optional().meta({
      description:
        'Token for `POST /admin/drain` and `POST /admin/workers/ID/restart`, at least 16 characters. Unset: there are no such routes.',
      secret: true,
    }),
    max_message_bytes: bytes(48 * 1024 * 1024, 'Largest WebSocket message that a client may send.', 1024),
    ...messageRateKeys,
    max_connections: count(1024, 'WebSocket connections at once.', { unit: 'connections' }),
    limits: LimitsSchema.prefault({}),
    ping_interval_seconds: seconds(20, 'Time between two pings that detect dead connections.', 0.1),
  })
  .meta({ description: 'The HTTP and WebSocket server.' });
