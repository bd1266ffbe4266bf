import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { runs } from './exec-programs.ts';
import { makeSegment } from './segment.ts';
import { quick, quickFrames } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

/** The state of `frames-worker.mjs` as a client sees it; the program refuses one of which a byte is another. */
export interface BarsState {
  readonly kind: string;
  readonly payload: {
    readonly next_frame: number;
    /** Digest of the state that the program went on from. */
    readonly taken: string | null;
    readonly deep: readonly [{ readonly latents: unknown }, unknown];
    readonly empty: unknown;
  };
}

export async function snapshot(client: ContractClient, blobs?: 'inline' | 'reference'): Promise<BarsState> {
  client.send({ type: 'snapshot_state', ...(blobs === undefined ? {} : { blobs }) });
  return (await client.until('continuation_state_snapshot'))['state'] as BarsState;
}

/** What the program says it took when it went on from the state; the state is as a client has it. */
export function digestOf({ payload }: BarsState): string {
  const [{ latents }, text] = payload.deep;
  const { $base64 } = latents as { readonly $base64: string };
  return createHash('sha256')
    .update(Buffer.from($base64, 'base64'))
    .update(text as string)
    .digest('hex');
}

/** Leaves without a word: the session can be resumed. */
export async function firstSegment(server: ServerProcess) {
  await using client = await ContractClient.open(server.url);
  await makeSegment(client, 'one');
  const [assigned] = client.frames('gpu_assigned');
  return {
    state: await snapshot(client),
    referenced: await snapshot(client, 'reference'),
    resume: { session_id: assigned?.['session_id'], resume_token: assigned?.['resume_token'] },
  };
}

/** The state that the program makes when it goes on from `state`. */
export async function expectContinued(client: ContractClient, state: BarsState): Promise<void> {
  await makeSegment(client, 'two');
  const { payload } = await snapshot(client);
  expect(payload).toMatchObject({ next_frame: 2 * quickFrames, taken: digestOf(state) });
}

export const second = () => ({ rules: new StreamRules({ nextIdx: 1, durationMs: 500 }) });
export const args = [...quick, ...runs('frames-worker')];
