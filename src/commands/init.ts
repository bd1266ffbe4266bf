import { writeFile } from 'node:fs/promises';
import { configTemplate } from '../core/base/config/config-template.ts';
import { RouterConfigSchema } from '../core/base/config/router-schema/router-config.ts';
import { ServeConfigSchema } from '../core/base/config/serve-schema/serve-config.ts';
import { FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { replaceFile } from '../core/base/replace-file.ts';
import { unwritable } from '../core/base/unwritable.ts';
import type { CommandHandler } from './command-definition.ts';

const explanation = (command: string, page: string) => [
  `fastvideo ${command} --config ${command}.yaml`,
  '',
  'Every key with its description. Remove the # before a key (and before its section) to set it; its value is the default.',
  `Check the file: fastvideo ${command} --config ${command}.yaml --check`,
  `More: docs/${page}`,
];

/** A start with the file is a start without one, until something is changed. */
const templates = {
  serve: () =>
    configTemplate(
      ServeConfigSchema,
      {
        generator: { model_path: 'builtin:cppn' },
        server: { host: '127.0.0.1', port: 8000 },
        default_request: { sampling: { width: 640, height: 352, fps: 24, num_frames: 48 } },
        streaming: { generation_segment_cap: 0, rollout_segment_cap: 6 },
      },
      explanation('serve', 'configuration.md'),
    ),
  router: () =>
    configTemplate(
      RouterConfigSchema,
      {
        router: {
          host: '127.0.0.1',
          port: 9000,
          replicas: [{ url: 'http://127.0.0.1:8000', name: 'gpu-a', primary: true }],
        },
      },
      explanation('router', 'router.md'),
    ),
} as const;

export const run: CommandHandler['run'] = async (options, args) => {
  const command = args[0] === 'router' ? 'router' : 'serve';
  const text = templates[command]();
  const path = typeof options.output === 'string' ? options.output : `${command}.yaml`;
  refuseOtherFormats(path);
  if (path === '-') {
    process.stdout.write(text);
    return 0;
  }
  try {
    if (options.force === true) await replaceFile(path, text);
    else await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw unwritable(path, error);
    const remedy = 'replace it with --force, or write another file with --output FILE';
    throw new FastVideoError('input_invalid', `${path} exists already; ${remedy}.`);
  }
  process.stderr.write(`Wrote ${path}. Start with: fastvideo ${command} --config ${shellWord(path)}\n`);
  return 0;
};

/** What is read as something else than YAML. Throws `usage`. */
function refuseOtherFormats(path: string): void {
  const [extension] = /\.(json|[mc]?js)$/i.exec(path) ?? [];
  if (extension === undefined) return;
  const why =
    extension.toLowerCase() === '.json'
      ? 'JSON has no comments for the descriptions'
      : 'it would be run as code';
  throw new FastVideoError(
    'usage',
    `--output ${path} cannot be written as ${extension}: ${why}; name a file that ends in .yaml.`,
  );
}

function shellWord(path: string): string {
  return /^[\w./@%+:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
