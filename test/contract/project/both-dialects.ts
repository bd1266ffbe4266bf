import { expect, it } from 'vitest';
import { ContractClient } from '../client.ts';
import { makeSegment } from '../segment.ts';
import { type Command, quick, readyServer } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

/** What sessions of both dialects have in common, on each command. */
export function describeBothDialects(command: Command): void {
  it(`both dialects at once on \`fastvideo ${command}\` share its workers, its sessions and its metrics`, async () => {
    await using server = await readyServer(command, [...quick, '--streaming.pool.num_workers', '2']);
    await using project = await ProjectClient.open(server.url, { curated_prompts: ['one', 'two', 'three'] });
    await using native = await ContractClient.open(server.url);
    const [mine, theirs] = await Promise.all([
      (async () => [await project.segment(), await project.segment(), await project.segment()])(),
      (async () => [await makeSegment(native, 'a'), await makeSegment(native, 'b')])(),
    ]);
    expect(mine.map(({ segment_idx }) => segment_idx)).toEqual([1, 2, 3]);
    expect(theirs.map(({ start }) => start['segment_idx'])).toEqual([0, 1]);
    const status = (await (await fetch(`${server.url}/status`)).json()) as {
      readonly sessions: readonly Readonly<Record<string, unknown>>[];
    };
    expect(status.sessions).toMatchObject([
      { state: 'ACTIVE', completed_segments: 3, waiting_requests: 0 },
      { state: 'ACTIVE', completed_segments: 2 },
    ]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('fastvideo_segments_total{outcome="completed"} 5');
    expect(metrics).toContain('fastvideo_sessions{state="ACTIVE"} 2');
  });
}
