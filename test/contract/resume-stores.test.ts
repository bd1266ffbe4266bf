import { describe } from 'vitest';
import { goesOnTests } from './resume-store-tests.ts';
import { fileStore } from './shared-stores.ts';

describe('a session of `fastvideo mock` that is kept in files', () => {
  goesOnTests('mock', fileStore, ['was killed']);
});
