import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { protocolDocuments } from './protocol-docs/documents.ts';

/** Writes the protocol's documents anew: `npm run docs`. */
const root = new URL('../', import.meta.url);
for (const [path, content] of await protocolDocuments()) {
  const target = fileURLToPath(new URL(path, root));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  console.error(`wrote ${path}`);
}
