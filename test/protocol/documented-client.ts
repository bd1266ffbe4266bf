import { readText } from '../../scripts/protocol-docs/documents.ts';
import type { ServerProcess } from '../support/server-process.ts';

const page = await readText('docs/protocol.md');

/** The first code block of the language in docs/protocol.md, its address turned to the server's. */
export function documentedClient(language: string, server: ServerProcess): string {
  const code = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1];
  if (code === undefined) throw new Error(`docs/protocol.md has no ${language} example.`);
  return code.replaceAll('ws://127.0.0.1:8000', server.url.replace(/^http/, 'ws'));
}
