import { defineConfig } from 'vitest/config';
import { hangLimitMs } from './test/support/hang-limit.ts';
import SkipReporter from './test/support/run/skip-reporter.ts';

const results = process.env.FASTVIDEO_TEST_RESULTS;

export default defineConfig({
  test: {
    globalSetup: 'test/support/run/global-setup.ts',
    // Above the limits of the waits in a test: they say what did not come.
    testTimeout: 2 * hangLimitMs,
    hookTimeout: 2 * hangLimitMs,
    expect: { poll: { timeout: hangLimitMs } },
    // Real processes, encoders and a browser run in these tests: more workers than cores only adds noise.
    maxWorkers: 2,
    reporters: [
      'default',
      new SkipReporter(),
      ...(results === undefined ? [] : [['json', { outputFile: results }] satisfies ['json', object]]),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
          // To load the product anew for each of 220 files takes longer than most of them: nothing may stay in a module.
          isolate: false,
        },
      },
      // What takes minutes or a browser.
      { extends: true, test: { name: 'long', include: ['test/**/*.long.test.ts'] } },
    ],
  },
});
