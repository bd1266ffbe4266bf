import { expectation } from '../src/core/base/config/expectation.ts';
import { type Schema, type SchemaKey, schemaKeys } from '../src/core/base/config/schema-tree.ts';
import { ServeConfigSchema } from '../src/core/base/config/serve-schema/serve-config.ts';

const introduction = `# Configuration

<!-- Made by scripts/write-config-docs.ts from the schema; change the descriptions there. -->

\`fastvideo serve\` and \`fastvideo mock\` share one file format, YAML or JSON. Examples: \`configs/serve.yaml\`,
\`configs/mock.yaml\`, \`configs/serve-ltx2.yaml\`.

## Which values hold

Later ones win:

1. the defaults below;
2. the file that \`--config FILE\` names. Without \`--config\`, the first of \`fastvideo.config.{yaml,yml,json}\`,
   \`.fastvideorc\` and \`.fastvideorc.{yaml,yml,json}\` in the working directory, or else \`~/.config/fastvideo/config.yaml\`.
   A file that is found there and belongs to another user, or that everybody may write, is refused; JavaScript
   (\`.js\`, \`.mjs\`, \`.cjs\`) is run only where \`--config\` names it. Without any file: the embedded network at 640x352,
   24 fps, 48 frames a segment (\`mock\`: 120), on 127.0.0.1;
3. dotted options on the command line, one for every key: \`--server.port 8010\`, \`--streaming.warmup.enabled=false\`,
   \`--streaming.encoder.extra_args '["-crf", "20"]'\`. The value is YAML; a text needs no quotes. \`null\` brings the
   default back.

\`--print-config\` prints what holds, with each value's origin; \`--check\` checks and exits: the values, and what a start
would find of the files, folders, keys and programs that they name, among them the program behind \`exec:\`, the Python of
a FastVideo model with its package, and the model's folder. That package reads \`generator\` and \`default_request\` and says
what it refuses. \`--check\` loads no model, makes no folder and asks nothing of the network. Exit code 0, 2 for a value that is not
valid or names what is not there, 1 for what a start would fail at.

\`fastvideo mock\` listens on 127.0.0.1 unless the file says otherwise, and loads \`mock:gradient\` whatever model the
file names, so that one file serves both commands. It makes up what a prompt provider would write
(\`streaming.prompt.enabled: false\` turns that off). [mock.md](mock.md) has the rest.

## How a file is read

\`\${NAME}\` in a text is the environment variable of that name, in files and in options alike, so that secrets need not be
written down: \`admin_token: \${FASTVIDEO_ADMIN_TOKEN}\`, \`store: redis://:\${REDIS_PASSWORD}@host\`. One that is not set is an
error that names key and variable; \`$\${\` stands for \`\${\` itself. A value that is one variable and nothing else is read as
what its key wants (\`port: \${PORT}\`), and \`--print-config\` shows the name in its place, unless it is a number or a
boolean. Within \`[…]\` and \`{…}\` YAML wants quotes around it. The config of the router is read in the same way; scenarios are not.

YAML is read as version 1.1, as Python does (\`yes\` and \`off\` are booleans, \`<<\` merges), but without its dates and
base-60 numbers. Null, or an empty section, means "the default". All problems are told at once, one a line, with file,
line and column. Unknown keys are an error that names the nearest valid one, or those that are valid. The sections
that a worker gets (\`generator\` and \`default_request\`) let further keys through, except for a key that looks like a typing slip of a
known one.
`;

/** The text of docs/configuration.md. */
export function configurationDocs(): string {
  const parts = [introduction];
  for (const [section, keys] of bySection()) {
    const head = keys.find((key) => key.path.join('.') === section);
    parts.push(`## \`${section}\`\n\n${head?.description ?? ''}\n`);
    parts.push(table(keys));
  }
  return parts.join('\n');
}

/** Every key of a schema that is not a section, in one table. */
export function keyTable(schema: Schema): string {
  return table([...schemaKeys(schema)]);
}

function table(keys: readonly SchemaKey[]): string {
  const rows = keys.filter((key) => !key.section).map(row);
  return ['| key | takes | unit | default | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function bySection(): Map<string, SchemaKey[]> {
  const sections = new Map<string, SchemaKey[]>();
  for (const key of schemaKeys(ServeConfigSchema)) {
    const section = key.path[0] ?? '';
    sections.set(section, [...(sections.get(section) ?? []), key]);
  }
  return sections;
}

function row(key: SchemaKey): string {
  const takes = expectation(key.schema);
  const cells = [`\`${key.path.join('.')}\``, takes, key.unit ?? '', defaultText(key), key.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultText(key: SchemaKey): string {
  const value = key.fallback === undefined ? undefined : `\`${JSON.stringify(key.fallback)}\``;
  return [value, key.defaultNote].filter((part) => part !== undefined).join('; ') || 'none';
}
