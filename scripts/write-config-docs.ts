import { readFile, writeFile } from 'node:fs/promises';
import { configurationDocs } from './config-docs.ts';
import { withScenarioKeys } from './scenario-docs.ts';

await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationDocs());
const mockPage = new URL('../docs/mock.md', import.meta.url);
await writeFile(mockPage, withScenarioKeys(await readFile(mockPage, 'utf8')));
