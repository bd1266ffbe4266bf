import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { filmOf, probe } from './film.ts';
import { makeSegment, type Segment } from './segment.ts';
import { type Command, idle, quick, quickFrames, type Shared } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

/** What resumes the session. */
function ticketOf(client: ContractClient): { readonly session_id: unknown; readonly resume_token: unknown } {
  const [assigned] = client.frames('gpu_assigned');
  return { session_id: assigned?.session_id, resume_token: assigned?.resume_token };
}

export function resumeTests(shared: Shared, command: Command): void {
  describe(`a session of \`fastvideo ${command}\` whose client went away`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    afterEach(async () => idle(server));

    /** A session with one segment, cut off without a `leave`, and what resumes it. */
    async function cutOff(): Promise<{ segment: Segment; resume: object }> {
      await using client = await ContractClient.open(server.url);
      const segment = await makeSegment(client, 'a red fox');
      const { session_id, resume_token } = ticketOf(client);
      expect(resume_token).toEqual(expect.stringMatching(/./));
      return { segment, resume: { session_id, resume_token } };
    }

    it('goes on with its next segment where its time line ended', async () => {
      const { segment, resume } = await cutOff();
      await idle(server);
      const rules = new StreamRules({ nextIdx: 1, durationMs: 500 });
      await using client = await ContractClient.open(server.url, { resume }, { rules });
      const next = await makeSegment(client, 'a red fox');
      expect(next.start).toMatchObject({ segment_idx: 1 });
      expect(next.mediaComplete).toMatchObject({ pts_base_ms: 500 });
      const { packets, videoFrames } = await probe(filmOf([segment, next]));
      expect(videoFrames).toBe(2 * quickFrames);
      for (const kind of ['video', 'audio']) {
        const times = packets
          .filter(({ codec_type }) => codec_type === kind)
          .map(({ dts_time }) => Number(dts_time));
        expect(times).toEqual([...new Set(times)].sort((left, right) => left - right));
      }
    });

    it('is given back once only', async () => {
      const { resume } = await cutOff();
      await idle(server);
      {
        const rules = new StreamRules({ nextIdx: 1, durationMs: 500 });
        await using client = await ContractClient.open(server.url, { resume }, { rules });
        await makeSegment(client, 'a red fox');
      }
      await idle(server);
      await expectRefusal(resume);
    });

    it.each([
      ['a wrong token', { resume_token: 'wrong' }],
      ['an unknown session', { session_id: 'unknown' }],
    ])('is not given to %s', async (_, wrong) => {
      const { resume } = await cutOff();
      await idle(server);
      await expectRefusal({ ...resume, ...wrong });
    });

    it('is not kept after a leave', async () => {
      await using client = await ContractClient.open(server.url);
      const resume = ticketOf(client);
      client.send({ type: 'leave' });
      await client.close();
      await idle(server);
      await expectRefusal(resume);
    });

    async function expectRefusal(resume: object): Promise<void> {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', resume });
      expect(await client.frame()).toMatchObject({
        type: 'error',
        code: 'session_rejected',
        retryable: false,
      });
      expect(await client.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
    }
  });
}
