import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { StreamConnection } from '../../../src/client/stream-connection.ts';
import { ScriptedServer } from './scripted-server.ts';

const mediaInit = {
  type: 'media_init',
  segment_idx: 0,
  mime: 'video/mp4; codecs="avc1.42c01e"',
  stream_id: 's',
  mode: 'av_fmp4',
} as const;
const mediaEnd = {
  type: 'media_segment_complete',
  segment_idx: 0,
  stream_id: 's',
  chunks: 1,
  duration_ms: 1,
  pts_base_ms: 0,
  bytes: 1,
} as const;

function text(data: Uint8Array): string {
  return Buffer.from(data).toString();
}

test('messages become typed events in the order in which they came', async () => {
  await using server = await ScriptedServer.start();
  const seen: string[] = [];
  const closed = new Promise<void>((resolve) => {
    new StreamConnection(
      new WebSocket(server.url),
      { type: 'session_init_v2' },
      {
        frame: (frame) => seen.push(frame.type),
        init: (data, mime) => seen.push(`init ${text(data)} ${mime}`),
        media: (data) => seen.push(`media ${text(data)}`),
        unreadable: (problem) => seen.push(`unreadable: ${problem}`),
        closed: ({ code, wasOpen }) => {
          seen.push(`closed ${code} ${wasOpen}`);
          resolve();
        },
      },
    );
  });
  const peer = await server.accept();
  expect(await peer.receive()).toEqual({ type: 'session_init_v2' });
  const bytes = (chunk: string) => Buffer.from(chunk);
  peer.send(bytes('early'), mediaInit, bytes('I'), bytes('a'), bytes('b'), mediaEnd, bytes('late'));
  peer.send('{"type":"of tomorrow"}', 'not JSON', mediaInit, bytes('J'));
  peer.close(1001);
  await closed;
  expect(seen).toEqual([
    'unreadable: 5 bytes of media without a media_init',
    'media_init',
    `init I ${mediaInit.mime}`,
    'media a',
    'media b',
    'media_segment_complete',
    'unreadable: 4 bytes of media without a media_init',
    'unreadable: unknown type "of tomorrow"',
    'unreadable: not JSON',
    'media_init',
    `init J ${mediaInit.mime}`,
    'closed 1001 true',
  ]);
});

test('a server that is not there closes a connection that never was', async () => {
  const server = await ScriptedServer.start();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const close = await new Promise((resolve) => {
    const ignore = () => undefined;
    new StreamConnection(
      new WebSocket(url),
      { type: 'session_init_v2' },
      {
        frame: ignore,
        init: ignore,
        media: ignore,
        unreadable: ignore,
        closed: resolve,
      },
    );
  });
  expect(close).toMatchObject({ wasOpen: false, fault: expect.stringContaining('ECONNREFUSED') });
});
