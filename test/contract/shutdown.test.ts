import { describe, expect, it } from 'vitest';
import { descendantPids } from '../support/child-pids.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { readSegment } from './segment.ts';
import { commands, endless, quick, readyServer } from './servers.ts';

describe.each(commands)('`fastvideo %s` when it is told to stop', (command) => {
  it('ends with exit code 0 after SIGTERM and writes nothing to stdout', async () => {
    await using server = await readyServer(command, quick);
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stdout()).toBe('');
  });

  it('ends with exit code 130 after SIGINT', async () => {
    await using server = await readyServer(command, quick);
    server.signal('SIGINT');
    expect(await server.exited).toEqual({ code: 130, signal: null });
  });

  it('tells its clients with session_rejected, retryable, and ltx2_stream_complete, and closes', async () => {
    await using server = await readyServer(command, quick);
    await using client = await ContractClient.open(server.url);
    server.signal('SIGTERM');
    const error = await client.frame();
    expect(error).toMatchObject({ type: 'error', code: 'session_rejected', retryable: true });
    expect((await client.frame()).type).toBe('ltx2_stream_complete');
    expect(await client.next()).toMatchObject({ kind: 'close', code: 1001 });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('lets the running segment end, and answers the request that waits', async () => {
    // A mock's segment is over before the signal comes; some latency keeps it running.
    const latency = command === 'mock' ? ['--mock.sleep_ms', '300'] : [];
    const longer = ['--default_request.sampling.num_frames', '96'];
    await using server = await readyServer(command, [...quick, ...longer, ...latency]);
    await using client = await ContractClient.open(server.url);
    client.prompt('running');
    client.prompt('waiting');
    await waitFor('segment', () => client.frames('ltx2_segment_start').length > 0);
    server.signal('SIGTERM');
    const segment = await readSegment(client);
    expect(segment.complete).toMatchObject({ segment_idx: 0, frames: 96 });
    expect(await client.close()).toMatchObject({ code: 1001 });
    const errors = client.frames('error');
    expect(errors.length).toBeGreaterThanOrEqual(1);
    expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'session_rejected'));
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('takes no new session while it drains: session_rejected, retryable, close 1013', async () => {
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
  });

  it('cuts a segment off that does not end within server.drain_seconds', async () => {
    await using server = await readyServer(command, [...endless, '--server.drain_seconds', '1']);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    server.signal('SIGTERM');
    await client.close();
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once with exit code 130 after a second signal, and leaves no process behind', async () => {
    await using server = await readyServer(command, endless);
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
  });

  it('leaves no process behind when it is killed', async () => {
    await using server = await readyServer(command, endless);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    const children = await descendantPids(server.pid);
    server.signal('SIGKILL');
    await client.close();
    await waitFor('end of the children', () => children.every((pid) => !isAlive(pid)));
  });
});

describe('`fastvideo serve` when it is told to stop', () => {
  it('refuses a session that waits: session_rejected, retryable, close 1013', async () => {
    await using server = await readyServer('serve', quick);
    await using bound = await ContractClient.open(server.url);
    await using waiting = await ContractClient.connect(server.url);
    waiting.send({ type: 'session_init_v2' });
    await waiting.until('queue_status');
    server.signal('SIGTERM');
    expect(await waiting.frame()).toMatchObject({
      type: 'error',
      code: 'session_rejected',
      retryable: true,
    });
    expect(await waiting.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
    expect(await bound.close()).toMatchObject({ code: 1001 });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
