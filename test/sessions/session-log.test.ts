import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareSessionLogs, sessionLogName } from '../../src/core/sessions/session-log.ts';
import { eventually } from '../support/wait-for.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-log-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('session log', () => {
  it('writes one JSON object a line', async () => {
    const open = await prepareSessionLogs({
      directory: join(directory, 'logs'),
      prompts: true,
      logger: pino({ level: 'silent' }),
    });
    const log = open('abc');
    log.write('stream_start', { worker_id: 'w' });
    log.write('session_end', {});
    log.close();
    const lines = await eventually(async () => {
      const text = await readFile(join(directory, 'logs', 'session-abc.jsonl'), 'utf8');
      expect(text.endsWith('{}}\n')).toBe(true);
      return text.trim().split('\n');
    });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { session_id: 'abc', event: 'stream_start', ts: expect.any(Number), payload: { worker_id: 'w' } },
      { session_id: 'abc', event: 'session_end', ts: expect.any(Number), payload: {} },
    ]);
  });

  it('keeps every id inside the folder', () => {
    expect(sessionLogName('../../etc/pass wd')).toBe('session-.._.._etc_pass_wd.jsonl');
  });
});
