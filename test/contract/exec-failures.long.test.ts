import { expect, it } from 'vitest';
import { failedStart } from './exec-programs.ts';
import { failedStarts } from './failed-starts.ts';
import { quick } from './servers.ts';

it.each(failedStarts)(
  '`fastvideo serve` ends with exit code 1 and one line when its program %s',
  async (_, args, message) => {
    const { code, lastLine } = await failedStart([...quick, ...args]);
    expect(lastLine).toMatch(message);
    expect(code).toBe(1);
  },
);
