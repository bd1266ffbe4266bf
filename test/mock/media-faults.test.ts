import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Frame } from '../contract/frame-documents.ts';
import { sharedServers } from '../contract/servers.ts';
import { type Dialect, dialects, putScenario, troubledArguments } from './dialects.ts';

interface Media {
  readonly mime: string;
  readonly binaries: readonly Buffer[];
  readonly chunks: number;
}

/** The first two segments as they come; the usual clients would rightly refuse them. */
async function twoSegments(dialect: Dialect, url: string): Promise<Media[]> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${dialect}`);
  const segments: { mime: string; binaries: Buffer[]; chunks: number }[] = [];
  const complete = new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error('The connection closed.')));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        segments.at(-1)?.binaries.push(data);
        return;
      }
      const frame = JSON.parse(data.toString()) as Frame;
      if (frame.type === 'media_init')
        segments.push({ mime: String(frame['mime']), binaries: [], chunks: 0 });
      const last = segments.at(-1);
      if (frame.type === 'media_segment_complete' && last) last.chunks = Number(frame['chunks']);
      if (frame.type === 'ltx2_segment_complete' && segments.length === 2) resolve();
    });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'session_init_v2', enhancement_enabled: false }));
  for (const prompt of ['one', 'two']) {
    const type = dialect === '/ws' ? 'append_prompt' : 'segment_prompt_source';
    socket.send(JSON.stringify({ type, prompt }));
  }
  await complete;
  socket.removeAllListeners('close');
  socket.terminate();
  return segments;
}

/** Starts with a box of that type whose length fits. */
function beginsWith(data: Buffer | undefined, box: string): boolean {
  return data !== undefined && data.toString('latin1', 4, 8) === box && data.readUInt32BE(0) <= data.length;
}

const shared = sharedServers();
/** With as many frames as make six messages. */
const server = () => shared('mock', troubledArguments(16));

describe.each(dialects)('media on %s, with the scenario', (dialect) => {
  const twoSegmentsWith = async (scenario: string) => {
    const { url } = await server();
    expect((await putScenario(url, scenario)).status).toBe(200);
    return await twoSegments(dialect, url);
  };

  it('garbage-media, has random bytes in the fourth message of the first segment only', async () => {
    const [first, second] = await twoSegmentsWith('garbage-media');
    expect(first?.binaries.map((data) => beginsWith(data, 'moof')).slice(1, 6)).toEqual([
      ...[true, true, true, false, true],
    ]);
    expect(first?.chunks).toBe((first?.binaries.length ?? 0) - 1);
    expect(second?.binaries.slice(1).every((data) => beginsWith(data, 'moof'))).toBe(true);
    // The next connection of the same scenario.
    const [again] = await twoSegments(dialect, (await server()).url);
    expect(again?.binaries[4]?.subarray(0, 64)).not.toEqual(first?.binaries[4]?.subarray(0, 64));
  });

  it('short-init, begins with half an init segment', async () => {
    const [first, second] = await twoSegmentsWith('short-init');
    const whole = second?.binaries[0]?.length ?? 0;
    expect(first?.binaries[0]).toHaveLength(whole >> 1);
    expect(first?.binaries.slice(1).every((data) => beginsWith(data, 'moof'))).toBe(true);
  });

  it('missing-fragment, lacks one message that is counted', async () => {
    const [first, second] = await twoSegmentsWith('missing-fragment');
    expect(first?.binaries).toHaveLength(first?.chunks ?? 0);
    expect(second?.binaries).toHaveLength((second?.chunks ?? 0) + 1);
  });

  it('wrong-codec, is promised as another codec', async () => {
    const [first, second] = await twoSegmentsWith('wrong-codec');
    expect(first?.mime).toBe('video/mp4; codecs="av01.0.05M.08, mp4a.40.2"');
    expect(second?.mime).toMatch(/avc1/);
    expect(first?.binaries[0]).toHaveLength(second?.binaries[0]?.length ?? 0);
  });
});
