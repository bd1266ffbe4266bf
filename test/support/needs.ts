import type { SuiteOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test was skipped and what would let it run; told at the end of the run. */
    skipped?: string;
  }
}

/** Something that tests use and that a machine may lack. */
export interface Tool {
  /** Where it is, or undefined. */
  readonly path: string | undefined;
  /** What is missing and what to do about it, in one sentence each. */
  readonly remedy: string;
}

/** Options of a `describe` or a test that is skipped, with its reason, where one of these is missing. */
export function needs(...tools: readonly Tool[]): Pick<SuiteOptions, 'skip' | 'meta'> {
  const missing = tools.find(({ path }) => path === undefined);
  return missing === undefined ? {} : { skip: true, meta: { skipped: missing.remedy } };
}
