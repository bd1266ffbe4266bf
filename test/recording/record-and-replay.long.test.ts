import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ContractClient } from '../contract/client.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { indexLinesOf, RecordingFolder } from './recording-folder.ts';
import { masked, native, project, type Tape } from './taped-client.ts';

const atOnce = ['--replay-speed', '0'];

describe('several recordings', () => {
  let folder: RecordingFolder;
  const live: { native?: Tape; again?: Tape; project?: Tape } = {};

  beforeAll(async () => {
    folder = await RecordingFolder.make();
    await using server = await readyServer('mock', [...quick, '--record', folder.path]);
    live.native = await native(server.url);
    live.project = await project(server.url);
    live.again = await native(server.url, ['a bird']);
  });
  afterAll(() => folder.remove());

  it('are played in turn with the others of their path, and then from the first again', async () => {
    await using server = await readyServer('mock', ['--replay', folder.path, ...atOnce]);
    const prompts = [['x', 'y'], ['z'], ['x', 'y']];
    const tapes: Tape[] = [];
    for (const some of prompts) tapes.push(await native(server.url, some));
    const [first, second] = [masked(live.native as Tape), masked(live.again as Tape)];
    expect(tapes).toEqual([first, second, first]);
  });

  it('are not played where one is named: that is played alone, and the other path is refused', async () => {
    const file = await folder.indexOf('/ws');
    await using server = await readyServer('mock', ['--replay', file, ...atOnce]);
    expect(await project(server.url)).toEqual(live.project);
    const refused = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`);
    const [error] = (await once(refused, 'error')) as [Error];
    expect(error.message).toContain('404');
  });
});

describe('a recording', () => {
  let folder: RecordingFolder;
  beforeEach(async () => {
    folder = await RecordingFolder.make();
  });
  afterEach(() => folder.remove());

  it.each(['SIGTERM', 'SIGINT'] as const)('is complete after %s in mid-session', async (signal) => {
    const patient = ['--mock.sleep_ms', '500', '--server.drain_seconds', '2000'];
    await using server = await readyServer('mock', [...quick, ...patient, '--record', folder.path]);
    await using client = await ContractClient.open(server.url);
    client.prompt('a');
    await client.until('ltx2_segment_start');
    server.signal(signal);
    const close = await client.close();
    await server.exited;
    const lines = await indexLinesOf(await folder.indexOf('/v1/stream'));
    expect(lines.at(-1)).toMatchObject({ close: { code: close.code, reason: close.reason } });
    const sent = lines.filter(({ from }) => from === 'server');
    expect(sent).toHaveLength(client.received.length - 1);
  });
});
