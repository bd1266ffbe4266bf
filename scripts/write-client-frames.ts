import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { clientFrames } from './client-frames.ts';

const file = fileURLToPath(new URL('../src/client/frames.ts', import.meta.url));
await writeFile(file, clientFrames());
execFileSync('npx', ['biome', 'format', '--write', file], { stdio: 'inherit' });
