import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { sampling } from '../../bench/segments.ts';
import { FirstMedia } from '../../bench/support/first-media.ts';
import { isStall, runRound } from '../../bench/support/round.ts';
import { startServer } from '../support/server-process.ts';

describe('a round of the benchmarks', () => {
  it('measures the segments of all sessions of a mock server', async () => {
    await using server = await startServer({ command: 'mock', args: sampling(64, 64, 4) });
    const round = await runRound(server, 2, 2, 60_000);
    if (isStall(round)) throw new Error('The mock server stalled.');
    expect(round.times).toHaveLength(4);
    for (const { firstMediaMs, completeMs, bytes } of round.times) {
      expect(firstMediaMs).toBeGreaterThan(0);
      expect(firstMediaMs).toBeLessThanOrEqual(completeMs);
      expect(bytes).toBeGreaterThan(1000);
    }
    expect(round.perSecond).toBeGreaterThan(0);
  });

  describe('with a server that falls silent', () => {
    let server: WebSocketServer;
    beforeEach(async () => {
      server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      await once(server, 'listening');
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          const { type } = JSON.parse(String(data)) as { type: string };
          if (type === 'session_init_v2') socket.send(JSON.stringify({ type: 'ltx2_stream_start' }));
        });
      });
    });
    afterEach(() => {
      server.close();
    });

    it('ends, and says how many segments were complete', async () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('The server has no port.');
      const url = `http://127.0.0.1:${address.port}`;
      const round = await runRound({ url, pid: process.pid }, 3, 2, 300);
      expect(round).toEqual({ stalledAfterMs: 300, completed: 0 });
    });
  });
});

describe('the first media of a stream', () => {
  const box = (type: string, length: number) => {
    const bytes = Buffer.alloc(8 + length);
    bytes.writeUInt32BE(bytes.length);
    bytes.write(type, 4, 'latin1');
    return bytes;
  };
  const stream = Buffer.concat([box('ftyp', 12), box('moov', 40), box('moof', 30), box('mdat', 20)]);
  const mediaAt = stream.length - 20;

  it.each([1, 7, 8, 64])('is found in messages of %i bytes', (size) => {
    const media = new FirstMedia();
    let found: number | undefined;
    for (let at = 0; at < stream.length; at += size) {
      media.push(stream.subarray(at, at + size));
      if (media.isThere) found ??= at + size;
    }
    expect(found).toBe(Math.ceil(mediaAt / size) * size);
    expect(media.isWhole).toBe(true);
    media.push(box('moof', 4).subarray(0, 10));
    expect(media.isWhole).toBe(false);
  });
});
