import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real processes, encoders and a browser run in these tests: more workers than cores only adds noise.
    maxWorkers: 2,
  },
});
