import { expect } from 'vitest';
import { descendantPids } from '../support/child-pids.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { isAlive } from './exec-programs.ts';
import { heldEncoder } from './held-encoder.ts';
import { type Command, encoderProcesses, endless, quick, quickFrames, readyServer } from './servers.ts';

/** What a server does that is told to stop, or is killed. */
export const shutdowns = {
  'ends with exit code 0 after SIGTERM and writes nothing to stdout': async (command: Command) => {
    await using server = await readyServer(command, quick);
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stdout()).toBe('');
  },

  'ends with exit code 130 after SIGINT': async (command: Command) => {
    await using server = await readyServer(command, quick);
    server.signal('SIGINT');
    expect(await server.exited).toEqual({ code: 130, signal: null });
  },

  'tells its clients with session_rejected, retryable, and ltx2_stream_complete, and closes': async (
    command: Command,
  ) => {
    await using server = await readyServer(command, quick);
    await using client = await ContractClient.open(server.url);
    server.signal('SIGTERM');
    const error = await client.frame();
    expect(error).toMatchObject({ type: 'error', code: 'session_rejected', retryable: true });
    expect((await client.frame()).type).toBe('ltx2_stream_complete');
    expect(await client.next()).toMatchObject({ kind: 'close', code: 1001 });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'lets the running segment end, and answers the request that waits': async (command: Command) => {
    await using encoder = await heldEncoder();
    await using server = await readyServer(command, [...quick, ...encoder.args]);
    await using client = await ContractClient.open(server.url);
    client.prompt('running');
    client.prompt('waiting');
    await client.until('ltx2_segment_start');
    server.signal('SIGTERM');
    await waitFor('drain', async () => (await fetch(`${server.url}/readyz?strict`)).status === 503);
    await encoder.release();
    for (;;) {
      // The request that waits may be answered before.
      const received = await client.next();
      if (received.kind === 'frame' && received.frame.type === 'ltx2_segment_complete') {
        expect(received.frame).toMatchObject({ segment_idx: 0, frames: quickFrames });
        break;
      }
    }
    expect(await client.close()).toMatchObject({ code: 1001 });
    const errors = client.frames('error');
    expect(errors.length).toBeGreaterThanOrEqual(1);
    expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'session_rejected'));
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'takes no new session while it drains: session_rejected, retryable, close 1013': async (
    command: Command,
  ) => {
    await using server = await readyServer(command, endless);
    await using running = await ContractClient.open(server.url);
    await using late = await ContractClient.connect(server.url);
    running.prompt('a long one');
    await running.untilBinary();
    server.signal('SIGTERM');
    await waitFor('drain', async () => (await fetch(`${server.url}/readyz?strict`)).status === 503);
    late.send({ type: 'session_init_v2' });
    expect(await late.frame()).toMatchObject({ type: 'error', code: 'session_rejected', retryable: true });
    expect(await late.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
    running.send({ type: 'leave' });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'cuts a segment off that does not end within server.drain_seconds': async (command: Command) => {
    await using server = await readyServer(command, [...endless, '--server.drain_seconds', '1']);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    server.signal('SIGTERM');
    await client.close();
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'ends at once with exit code 130 after a second signal, and leaves no process behind': async (
    command: Command,
  ) => {
    await using server = await readyServer(command, [...endless, ...encoderProcesses]);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    const children = await descendantPids(server.pid);
    expect(children.length).toBeGreaterThan(0);
    server.signal('SIGINT');
    await waitFor('drain', () => /stopping/.test(server.stderr()));
    server.signal('SIGINT');
    expect(await server.exited).toEqual({ code: 130, signal: null });
    await client.close();
    await waitFor('end of the children', () => children.every((pid) => !isAlive(pid)));
  },

  'leaves no process behind when it is killed': async (command: Command) => {
    await using server = await readyServer(command, [...endless, ...encoderProcesses]);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    const children = await descendantPids(server.pid);
    server.signal('SIGKILL');
    await client.close();
    await waitFor('end of the children', () => children.every((pid) => !isAlive(pid)));
  },
};
