import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import {
  dies,
  firstReplica,
  goOn,
  nextReplica,
  open,
  play,
  scripted,
  transparent,
} from './scripted-replica.ts';

const resume = (name: string) => ({ session_id: name, resume_token: `token of ${name}` });
const resuming = (name: string) => JSON.stringify({ type: 'session_init_v2', resume: resume(name) });

describe('a session that its client has resumed', () => {
  it('is moved as it is now, not as its client came back to it', async () => {
    await using first = await firstReplica(dies);
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    const opening = {
      type: 'session_init_v2',
      client_id: 'c',
      resume: resume('left'),
      continuation_state: { kind: 'ltx2', data: 'old' },
    };
    await using client = await play(router.url, { first: JSON.stringify(opening) });
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(first.got[0]).toEqual({ ...opening, checkpoints: true });
    expect(second.got).toMatchObject([
      {
        client_id: 'c',
        checkpoints: true,
        checkpoint: { n: 1, current: { segment_idx: 0 }, state: null },
        already_sent: { segment_idx: 0, chunks: 1 },
        resume: null,
        continuation_state: null,
      },
    ]);
  });

  it('is found again where it was moved to since', async () => {
    await using first = await firstReplica(dies);
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    {
      await using client = await play(router.url, { first: resuming('left') });
      await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    }
    await using _back = await RawClient.connect(router.url, { first: resuming('one') });
    await waitFor('resume', () => second.got.length === 2);
    expect(second.got[1]).toMatchObject({ resume: resume('two') });
    expect(first.requests).toHaveLength(1);
  });
});

describe('a session that was moved, then resumed under the name that the next replica knows', () => {
  it('is moved again without that name, and found under what the client was told last', async () => {
    await using first = await firstReplica(dies);
    let comeBack = false;
    await using second = await scripted((socket, number) => {
      if (number !== 0) return;
      if (comeBack) open(socket, 'two again');
      else goOn(socket);
    });
    await using third = await scripted((socket, number) => number === 0 && open(socket, 'three'));
    await using router = await routerFor([first, second, third], transparent);
    {
      await using client = await play(router.url);
      await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    }
    comeBack = true;
    router.reload({ replicas: [{ url: second.url }, { url: third.url }] });
    {
      await using client = await RawClient.connect(router.url, { first: resuming('one') });
      await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
      expect(second.got[1]).toMatchObject({ resume: resume('two') });
      second.socket().terminate();
      await waitFor('next move', () => third.got.length === 1);
      expect(third.got[0]).toMatchObject({ checkpoint: { n: 0 }, resume: null, continuation_state: null });
      await waitFor('let in', () => router.registry.replicas[1]?.active === 1);
    }
    await using _back = await RawClient.connect(router.url, { first: resuming('two again') });
    await waitFor('resume', () => third.got.length === 2);
    expect(third.got[1]).toMatchObject({ resume: resume('three') });
  });
});
