import { defineConfig } from 'vitest/config';

const results = process.env.FASTVIDEO_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes, encoders and a browser run in these tests: more workers than cores only adds noise.
    maxWorkers: 2,
    ...(results === undefined ? {} : { reporters: ['default', ['json', { outputFile: results }]] }),
  },
});
