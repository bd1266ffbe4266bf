import { readFileSync } from 'node:fs';
import { packagePath } from './core/base/package-path.ts';

const manifest: unknown = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));

/** The version of this package. */
export const version =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
