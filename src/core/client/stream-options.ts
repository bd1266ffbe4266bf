import { z } from 'zod';
import { FastVideoError } from '../base/errors.ts';
import { readStreamUrl } from './stream-url.ts';

const wholeNumber = (min: number, what: string) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, what)
    .transform(Number)
    .refine((value) => Number.isSafeInteger(value) && value >= min, what);

const OptionsSchema = z.object({
  url: z.string(),
  output: z.string().optional(),
  continuation: z.string().optional(),
  saveContinuation: z.string().optional(),
  image: z.string().optional(),
  seed: wholeNumber(Number.MIN_SAFE_INTEGER, 'must be a whole number').optional(),
  negativePrompt: z.string().optional(),
  preset: z.string().optional(),
  enhance: z.boolean().default(false),
  loop: z.boolean().default(false),
  autoExtend: z.boolean().default(false),
  singleClip: z.boolean().default(false),
  realtime: z.boolean().default(false),
  segments: wholeNumber(1, 'must be a whole number of at least 1').optional(),
  onError: z.enum(['fail', 'skip'], 'must be fail or skip'),
  reconnectSeconds: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,3})?$/, 'must be a number of seconds')
    .transform(Number),
  apiKey: z.string().optional(),
  json: z.boolean().default(false),
});

export type StreamCommandOptions = Omit<z.output<typeof OptionsSchema>, 'url'> & {
  readonly url: URL;
  readonly apiKey?: string | undefined;
};

/** What was typed, checked. Throws `usage` with every problem. */
export function readStreamOptions(
  options: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): StreamCommandOptions {
  const result = OptionsSchema.safeParse(options);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '');
      const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `--${flag} "${String(options[key])}" ${issue.message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const { url, apiKey, ...rest } = result.data;
  if (rest.singleClip && (rest.continuation ?? rest.saveContinuation) !== undefined) {
    const flag = rest.continuation === undefined ? '--save-continuation' : '--continuation';
    throw new FastVideoError(
      'usage',
      `--single-clip makes separate clips, which have no state; remove ${flag}.`,
    );
  }
  return { ...rest, url: readStreamUrl(url), apiKey: readKey(apiKey ?? env['FASTVIDEO_API_KEY']) };
}

/** An empty key is none. */
function readKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new FastVideoError(
    'usage',
    '--api-key (FASTVIDEO_API_KEY) contains a character that is not allowed in an HTTP header.',
  );
}
