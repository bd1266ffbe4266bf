import { writeFile } from 'node:fs/promises';
import { configurationDocs } from './config-docs.ts';

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationDocs());
