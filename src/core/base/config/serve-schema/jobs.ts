import { z } from 'zod';
import { bytes, count, seconds } from './quantities.ts';

const gibibyte = 2 ** 30;

const hostName = z
  .string()
  .refine(
    (name) => /^[a-z0-9.-]{1,253}$/.test(name),
    'must be a host name in lower case, without scheme and port',
  );

export const JobsSchema = z
  .strictObject({
    share: z.number().min(0).max(1).default(0.5).meta({
      description:
        'Of the workers that become free while sessions and jobs wait for one, the part that goes to jobs. `0.5`: one to each in turn; `0`: jobs get a worker only while no session waits; `1`: sessions only while no job waits.',
    }),
    queue: z.string().min(1).optional().meta({
      description:
        'Where jobs are kept. `file:DIR`: in a folder, so that a restart forgets none; one server at a time. `memory:`: in temporary files, until the server ends.',
      defaultNote: '`file:` with the folder `jobs` in `server.output_dir`, `mock-jobs` for `mock`',
    }),
    max_running: z.int().min(1).max(1024).optional().meta({
      description: 'Jobs made at once.',
      unit: 'jobs',
      defaultNote: 'as many as there are workers',
    }),
    max_queued: count(100, 'Jobs that may wait; a further one is refused with 429.', { unit: 'jobs' }),
    max_kept: count(1000, 'Ended jobs that are kept; the oldest go first, with their files.', {
      unit: 'jobs',
    }),
    max_bytes: bytes(
      20 * gibibyte,
      'Bytes of the files of all jobs; beyond that the oldest ended jobs go, and a new one is refused with 429 where there are none.',
      1024,
    ),
    ttl_seconds: seconds(86_400, 'How long an ended job and its files are kept.', 1),
    max_pixels: count(1920 * 1088, 'Width times height that a job may ask for.', {
      min: 256,
      max: 8192 * 8192,
      unit: 'pixels',
    }).meta({ defaultNote: '`2088960`, or the size of `default_request` if that is larger' }),
    max_frames: count(1000, 'Frames that a job may ask for.', { max: 100_000, unit: 'frames' }).meta({
      defaultNote: '`1000`, or the frames of `default_request` if those are more',
    }),
    max_steps: count(100, 'Denoising steps that a job may ask for.', { max: 1000, unit: 'steps' }).meta({
      defaultNote: '`100`, or the steps of `default_request` if those are more',
    }),
    reference_hosts: z.array(hostName).max(1000).default([]).meta({
      description:
        'Hosts from which a picture that a request names by its URL is fetched, over `https:` and never from a private address. Empty: none; pictures come with the request.',
    }),
  })
  .meta({ description: 'Videos and images that are made as jobs (`/v1/videos`, `/v1/images/generations`).' });
