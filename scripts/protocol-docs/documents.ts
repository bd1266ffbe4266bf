import { readFile } from 'node:fs/promises';
import { asyncApiYaml } from './asyncapi.ts';
import { clientFrameSchemas, serverFrameSchemas } from './schemas.ts';
import { protocolTables } from './tables.ts';

const root = new URL('../../', import.meta.url);

/** Every document that is made from the protocol's schemas: path from the repository's root, and what it should hold. */
export async function protocolDocuments(): Promise<ReadonlyMap<string, string>> {
  const { version } = JSON.parse(await readText('package.json')) as { readonly version: string };
  return new Map([
    ['docs/schema/native-client-frames.json', json(clientFrameSchemas())],
    ['docs/schema/native-server-frames.json', json(serverFrameSchemas())],
    ['docs/schema/asyncapi.yaml', asyncApiYaml(version)],
    ['docs/protocol.md', fillMarkers(await readText('docs/protocol.md'), protocolTables())],
  ]);
}

export async function readText(path: string): Promise<string> {
  return await readFile(new URL(path, root), 'utf8');
}

/** Puts each part between its markers. Throws when a marker is missing, so that no table is lost unseen. */
function fillMarkers(text: string, parts: Readonly<Record<string, string>>): string {
  let filled = text;
  for (const [name, part] of Object.entries(parts)) {
    const begin = `<!-- generated: ${name} -->`;
    const end = `<!-- end: ${name} -->`;
    const from = filled.indexOf(begin);
    const to = filled.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/protocol.md lacks the markers ${begin} and ${end}.`);
    filled = `${filled.slice(0, from + begin.length)}\n\n${part}\n\n${filled.slice(to)}`;
  }
  return filled;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
