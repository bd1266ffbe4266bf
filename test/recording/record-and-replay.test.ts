import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHere } from '../commands/run-here.ts';
import { ContractClient } from '../contract/client.ts';
import { endless, promptsAsTheyAre, quick, readyServer, sharedServers } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { indexLinesOf, RecordingFolder, recordingOf } from './recording-folder.ts';
import { binaryCount, masked, native, project, type Tape, tape } from './taped-client.ts';

/** Small and without sound, of prompts that are used as they are: what is in a recording does not matter here. */
const small = [...quick, ...promptsAsTheyAre, '--mock.audio', 'false'];
const atOnce = ['--replay-speed', '0'];

describe('a recording of both dialects', () => {
  let folder: RecordingFolder;
  let token: string;
  const live: { native?: Tape; project?: Tape } = {};
  const shared = sharedServers();
  /** Plays it without its pauses. There is one recording of each path, so that each client gets the same one. */
  const replayed = () => shared('mock', ['--replay', folder.path, ...atOnce]);

  beforeAll(async () => {
    folder = await RecordingFolder.make();
    // A folder that is not there yet is made.
    await using server = await readyServer('mock', [...small, '--record', folder.path]);
    [live.native, live.project] = await Promise.all([native(server.url), project(server.url)]);
    const assigned = live.native.messages.find((one) => one.includes('gpu_assigned'));
    token = String((JSON.parse(String(assigned)) as Record<string, unknown>)['resume_token']);
  });
  afterAll(() => folder.remove());

  it('holds no resume token, and nobody else may read it', async () => {
    const files = await folder.files();
    expect(files).toHaveLength(4);
    expect(token).toMatch(/^[\w-]{40,}$/);
    for (const { path, mode } of files) {
      expect(mode & 0o077).toBe(0);
      expect((await readFile(path)).includes(token)).toBe(false);
    }
  });

  it('waits for what the recorded client sent, whatever else this one says', async () => {
    const server = await replayed();
    await using client = await ContractClient.connect(server.url);
    client.sendRaw('not JSON');
    client.send({ type: 'snapshot_state' });
    await waitFor('log line', () => server.stderr().includes('snapshot_state'));
    expect(server.stderr()).toContain('is not in the recording and is not answered');
    expect(client.received).toEqual([]);
    client.send({ type: 'session_init_v2' });
    // The recorded client sent both at once.
    client.prompt('the words do not matter');
    expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'a fox' });
  });

  it('takes messages that come before it is there', async () => {
    const server = await replayed();
    const opening = [
      { type: 'session_init_v2' },
      { type: 'segment_prompt_source', prompt: 'x' },
      { type: 'segment_prompt_source', prompt: 'y' },
    ];
    const early = await tape(server.url, '/v1/stream', opening, (frame, send) => {
      if (frame.type === 'ltx2_segment_complete' && frame['segment_idx'] === 1) send({ type: 'leave' });
    });
    expect(early).toEqual(masked(live.native as Tape));
  });

  it('lets a client leave that does not go on as the recorded one did', async () => {
    const server = await replayed();
    const { messages, code, reason } = await native(server.url, ['only one']);
    expect([code, reason]).toEqual([1000, 'leave']);
    expect(messages.filter((one) => one.includes('"ltx2_segment_complete"'))).toHaveLength(1);
  });

  it('leaves the HTTP routes as they are', async () => {
    const server = await replayed();
    const paths = ['/', '/health', '/healthz', '/readyz?strict', '/status', '/curated-presets', '/metrics'];
    const answers = await Promise.all(paths.map((path) => fetch(`${server.url}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  });

  it('is played back byte for byte, in the same order, with the same close, until the server stops', async () => {
    await using server = await readyServer('mock', ['--replay', folder.path]);
    const tapes = await Promise.all([native(server.url), project(server.url)]);
    expect(tapes.map(binaryCount).every((count) => count > 4)).toBe(true);
    expect(tapes).toEqual([masked(live.native as Tape), live.project]);
    expect(tapes).toMatchObject([
      { code: 1000, reason: 'leave' },
      { code: 1000, reason: 'leave' },
    ]);
    await using client = await ContractClient.connect(server.url);
    const closed = client.close();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(await closed).toMatchObject({ code: 1001, reason: 'server_draining' });
  });
});

describe('a recording that was not ended in peace', () => {
  let folder: RecordingFolder;
  let server: ServerProcess;
  beforeEach(async () => {
    folder = await RecordingFolder.make();
  });
  afterEach(async () => {
    await server?.stop();
    await folder.remove();
  });

  it('is played as far as it goes after a kill, and where it is cut within a line', async () => {
    server = await readyServer('mock', [...endless, '--mock.audio', 'false', '--record', folder.path]);
    const client = await ContractClient.open(server.url);
    client.prompt('a');
    for (let count = 0; count < 5; count += 1) await client.untilBinary();
    // What the client has got may not be in the file yet.
    await waitFor('recorded media', async () => {
      const lines = await indexLinesOf(await folder.indexOf('/v1/stream'));
      return lines.filter((line) => 'binary' in line).length >= 5;
    });
    server.signal('SIGKILL');
    await server.exited;
    const file = await folder.indexOf('/v1/stream');
    await writeFile(file, '{"ms":99999,"from":"server","fra', { flag: 'a' });
    await using replay = await readyServer('mock', ['--replay', file, ...atOnce]);
    const opening = [{ type: 'session_init_v2' }, { type: 'segment_prompt_source', prompt: 'b' }];
    const played = await tape(replay.url, '/v1/stream', opening, () => undefined);
    expect([played.code, played.reason]).toEqual([1001, 'recording_incomplete']);
    const got = client.received.flatMap((one) => (one.kind === 'binary' ? [one.data] : []));
    const media = played.messages.filter((one) => typeof one !== 'string');
    expect(media.length).toBeGreaterThanOrEqual(5);
    expect(media.slice(0, 5)).toEqual(got.slice(0, 5));
  });

  it('ends without the session when it cannot be written any more', async () => {
    server = await readyServer('mock', [...small, '--record', folder.path]);
    await folder.remove();
    const session = await native(server.url);
    expect([session.code, binaryCount(session) > 4]).toEqual([1000, true]);
    expect(server.stderr()).toContain('recording ends: cannot be written');
  });
});

describe('what cannot be recorded or played', () => {
  let folder: RecordingFolder;
  beforeAll(async () => {
    folder = await RecordingFolder.make();
    await recordingOf(folder, 'good', {});
  });
  afterAll(() => folder.remove());

  it.each([
    ['both at once', ['--record', 'a', '--replay', 'b'], 2, /--record and --replay exclude each other/],
    ['a speed alone', ['--replay-speed', '2'], 2, /--replay-speed needs --replay/],
    ['a speed below 0', ['--replay', 'a', '--replay-speed', '-1'], 2, /--replay-speed "-1" is not a number/],
    [
      'a speed that is no number',
      ['--replay', 'a', '--replay-speed', 'x'],
      2,
      /"x" is not a number of at least 0/,
    ],
    ['a folder that is not there', ['--replay', '/no/such'], 2, /\/no\/such is not there; name a folder/],
    ['a folder below a file', ['--record', '/dev/null/x'], 1, /cannot be written to \/dev\/null\/x/],
  ])('is told: %s', async (_, args, code, message) => {
    expect(await runHere(['mock', ...args])).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  it.each([
    ['no recording', undefined, /contains no recording/],
    ['a file of another kind', { header: '{"hello": 1}' }, /x\.jsonl is not a recording of fastvideo/],
    ['no text at all', { header: '\u0000\u0001' }, /x\.jsonl is not a recording of fastvideo/],
    ['a later version', { version: 2 }, /a recording of version 2; only version 1 is supported/],
    ['a line of another kind', { lines: ['{"ms": 1, "from": "moon"}', ''] }, /x\.jsonl:2 is not a line/],
    ['a line after the end', { lines: [close, text, ''] }, /x\.jsonl:3 comes after the end/],
    ['a missing binary file', { lines: [binary(0, 4), ''], bytes: null }, /x\.bin is missing/],
    [
      'a short binary file',
      { lines: [binary(2, 9), ''], bytes: 'four' },
      /x\.bin is too short: it has 4 bytes/,
    ],
  ])('is told: a folder with %s', async (_, content, message) => {
    const other = await RecordingFolder.make();
    await recordingOf(other, undefined, {});
    if (content) await recordingOf(other, 'x', content);
    const { code, stderr } = await runHere(['mock', '--replay', other.path]);
    await other.remove();
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    // One line, and none that names a bug.
    expect(stderr.match(/fastvideo: /g)).toHaveLength(1);
    expect(stderr).not.toContain('bug of ours');
  });
});

const close = '{"ms":5,"close":{"code":1000,"reason":""}}';
const text = '{"ms":5,"from":"server","text":"x"}';
function binary(offset: number, length: number): string {
  return JSON.stringify({ ms: 1, from: 'server', binary: { offset, length } });
}
