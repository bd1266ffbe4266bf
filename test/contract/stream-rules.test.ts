import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Received } from './client.ts';
import { makeSegment } from './segment.ts';
import { quick, readyServer } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

/** The rules have to see what is wrong, or every other test here would prove nothing. */
describe('the rules of the stream, on a recorded session that was changed', () => {
  let server: ServerProcess;
  let recorded: readonly Received[];
  beforeAll(async () => {
    server = await readyServer('mock', quick);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'one');
    await makeSegment(client, 'two');
    recorded = client.received.filter(({ kind }) => kind !== 'close');
  });
  afterAll(async () => server.stop());

  function problemsOf(session: readonly Received[]): readonly string[] {
    const rules = new StreamRules();
    for (const received of session) {
      if (received.kind === 'binary') rules.takeBinary(received.data);
      else if (received.kind === 'frame') rules.takeFrame(received.frame);
    }
    return rules.problems;
  }

  const indexOf = (type: string) =>
    recorded.findIndex((received) => received.kind === 'frame' && received.frame.type === type);
  const binaryAt = (nth: number) => {
    const index = recorded.flatMap(({ kind }, at) => (kind === 'binary' ? [at] : []))[nth] ?? -1;
    const received = recorded[index];
    if (received?.kind !== 'binary') throw new Error(`There is no binary frame ${nth}.`);
    return { index, data: received.data };
  };
  const withFields = (type: string, fields: object) =>
    recorded.map((received) =>
      received.kind === 'frame' && received.frame.type === type
        ? { ...received, frame: { ...received.frame, ...fields } }
        : received,
    );

  it('find nothing in it as it was', () => {
    expect(problemsOf(recorded)).toEqual([]);
  });

  it.each([
    ['chunks', 99],
    ['bytes', 1],
    ['duration_ms', 499],
    ['pts_base_ms', 7],
    ['stream_id', 'another'],
  ])('find a wrong %s', (field, value) => {
    expect(problemsOf(withFields('media_segment_complete', { [field]: value })).join()).toContain(field);
  });

  it('find a mime with another codec string', () => {
    const mime = 'video/mp4; codecs="avc1.64001f, mp4a.40.2"';
    expect(problemsOf(withFields('media_init', { mime })).join()).toMatch(/avc1\.64001f/);
  });

  it('find a mime that promises no sound where there is some', () => {
    const { index, data } = binaryAt(0);
    const avc1 = /avc1\.\w+/.exec(String(recorded[index - 1] && JSON.stringify(recorded[index - 1])))?.[0];
    expect(data.includes('mp4a')).toBe(true);
    const problems = problemsOf(withFields('media_init', { mime: `video/mp4; codecs="${avc1}"` }));
    expect(problems.join()).toMatch(/mp4a/);
  });

  it.each(['gpu_assigned', 'media_init', 'step_complete', 'media_segment_complete', 'ltx2_segment_start'])(
    'find it when %s is missing',
    (type) => {
      const without = recorded.filter(({ kind, ...rest }) => !('frame' in rest && rest.frame.type === type));
      expect(problemsOf(without)).not.toEqual([]);
    },
  );

  it('find a media chunk that was lost', () => {
    expect(problemsOf(recorded.toSpliced(binaryAt(1).index, 1)).join()).toMatch(/tfdt of track/);
  });

  it('find a media chunk that was split', () => {
    const { index, data } = binaryAt(1);
    const half = Math.floor(data.length / 2);
    const parts = [data.subarray(0, half), data.subarray(half)].map((part) => ({
      kind: 'binary' as const,
      data: part,
    }));
    expect(problemsOf(recorded.toSpliced(index, 1, ...parts))).not.toEqual([]);
  });

  it('find an initialization segment with media in it', () => {
    const { index, data } = binaryAt(0);
    const joined = Buffer.concat([data, binaryAt(1).data]);
    const changed = recorded.toSpliced(index, 1, { kind: 'binary', data: joined });
    expect(problemsOf(changed).join()).toMatch(/not ftyp moov/);
  });

  it('find a binary frame after the end of the media', () => {
    const changed = recorded.toSpliced(indexOf('ltx2_segment_complete'), 0, {
      kind: 'binary',
      data: binaryAt(1).data,
    });
    expect(problemsOf(changed).join()).toMatch(/outside of media_init/);
  });
});

it('this folder imports nothing of src: it knows the contract only', () => {
  const files = ['client.ts', 'boxes.ts', 'tracks.ts', 'stream-rules.ts', 'frame-documents.ts', 'segment.ts'];
  for (const file of files) {
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).not.toMatch(/from '.*src\//);
  }
});
