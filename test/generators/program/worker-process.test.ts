import { describe, expect, it } from 'vitest';
import { timelineStart } from '../../../src/core/media/timeline.ts';
import { encodeMessage } from '../../../src/core/protocol/worker/framing.ts';
import { descendantPids } from '../../support/child-pids.ts';
import { waitFor } from '../../support/wait-for.ts';
import { request } from '../collect.ts';
import { startProgram } from './program.ts';

const generation = { ...request, numFrames: 5000 };

describe('the start of a program', () => {
  it.each([
    ['exits', {}, 'The program exited with code 3: No GPU is free on this machine'],
    ['refuses', {}, 'There is no paint; buy some.'],
    ['wrong-protocol', {}, 'The program speaks worker protocol 2; this server speaks 1.'],
    ['never-ready', { startTimeoutMs: 500 }, 'The program was not ready within 0.5 s.'],
    [
      'garbage',
      {},
      /^The program wrote something that is not a message \(A message of \d+ \+ \d+ bytes is over the limit\.\)\.$/,
    ],
    ['nonsense', {}, /^The program wrote something that is not a message \("hello": type: .*\)\.$/],
  ])('fails in one line when it "%s", and leaves nothing behind', async (mode, limits, message) => {
    const before = await descendantPids(process.pid);
    const error = await startProgram('frames-worker', { args: [mode], ...limits }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'start_failed', message: expect.stringMatching(message) });
    await waitFor('end of the program', async () => {
      return (await descendantPids(process.pid)).every((pid) => before.includes(pid));
    });
  });
});

describe('a running program', () => {
  const signals = () => ({ cancel: new AbortController(), abandon: new AbortController() });

  it('is killed when it leaves its pings unanswered, and its run says so', async () => {
    const notices: string[] = [];
    const program = await startProgram('frames-worker', {
      args: ['deaf'],
      heartbeat: { intervalMs: 100, allowed: 3 },
      onNotice: (notice) => notices.push(notice),
    });
    const { cancel, abandon } = signals();
    const first = async () => {
      const run = await program.run(
        { generation: { ...generation, prompt: 'stubborn' }, timeline: timelineStart },
        { cancel: cancel.signal, abandon: abandon.signal },
      );
      return await run.parts[Symbol.asyncIterator]().next();
    };
    await expect(first()).rejects.toMatchObject({
      code: 'worker_failed',
      message: 'The program did not answer for 0.3 s.',
    });
    expect(notices).toEqual(['The program did not answer for 0.3 s and is killed.']);
    await program.exited;
  });

  it('is killed when it closes its stdin and lives on', async () => {
    const ready = {
      type: 'ready',
      protocol: 1,
      model_id: 'm',
      state_kind: 'k',
      streams_frames: true,
      audio: null,
      output: 'frames',
    };
    const base64 = Buffer.from(encodeMessage(ready, 0)).toString('base64');
    const program = await startProgram('frames-worker', {
      command: ['/bin/sh', '-c', `echo ${base64} | base64 -d; exec <&-; exec sleep 600`],
      heartbeat: { intervalMs: 50, allowed: 1000 },
    });
    expect(await program.exited).toBe('stopped reading its stdin');
  });

  it.each(['cancel', 'abandon'] as const)('is killed when it ignores %s', async (asked) => {
    const program = await startProgram('frames-worker', { stopRunGraceMs: 200 });
    const controllers = signals();
    const { cancel, abandon } = controllers;
    const run = await program.run(
      { generation: { ...generation, prompt: 'stubborn' }, timeline: timelineStart },
      { cancel: cancel.signal, abandon: abandon.signal },
    );
    const next = run.parts[Symbol.asyncIterator]().next();
    next.catch(() => {});
    controllers[asked].abort(new Error('nobody wants it'));
    expect(await program.exited).toMatch(/did not end an? (cancelled|abandoned) segment within 0\.2 s/);
    await expect(next).rejects.toThrow(asked === 'cancel' ? /did not end a cancelled/ : /nobody wants it/);
  });
});
