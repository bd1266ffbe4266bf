import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, routerFor } from '../relay/fake-replica.ts';
import {
  dies,
  firstReplica,
  freezing,
  nextReplica,
  play,
  scripted,
  transparent,
} from './scripted-replica.ts';

describe('a session is moved past a replica that', () => {
  it('takes the connection and never answers the upgrade', async () => {
    await using first = await firstReplica(dies);
    await using frozen = await fakeReplica({ upgrade: () => undefined });
    await using third = await nextReplica();
    await using router = await routerFor([first, frozen, third], {
      ...transparent,
      connect_timeout_seconds: 0.3,
    });
    await using client = await play(router.url);
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(frozen.requests).not.toEqual([]);
    expect(third.got).toMatchObject([{ already_sent: { segment_idx: 0, chunks: 1 } }]);
    const metrics = await router.metrics();
    expect(metrics).toContain(`legs_total{replica="${new URL(frozen.url).host}",end="unreachable"} `);
    expect(metrics).toContain('fastvideo_router_failovers_total{result="moved"} 1');
  });

  it('answers the upgrade, freezes, and fails its probes', async () => {
    let isFrozen = false;
    await using first = await firstReplica(dies);
    await using frozen = await scripted(
      (socket) => {
        isFrozen = true;
        socket.pause();
      },
      { answersProbes: () => !isFrozen },
    );
    await using third = await nextReplica();
    await using router = await routerFor([first, frozen, third], freezing);
    await using client = await play(router.url);
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect([frozen.requests.length, third.requests.length]).toEqual([1, 1]);
    expect(third.got).toMatchObject([{ already_sent: { segment_idx: 0, chunks: 1 } }]);
    expect(router.registry.replicas[1]?.health.state).toBe('unhealthy');
    expect(await router.metrics()).toContain('fastvideo_router_failovers_total{result="moved"} 1');
  });
});
