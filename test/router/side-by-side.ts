import { ContractClient, type Frame } from '../contract/client.ts';
import { quick } from '../contract/servers.ts';
import { StreamRules } from '../contract/stream-rules.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { mocks, readyRouter } from './router-process.ts';

/** Two routers in front of two replicas, which keep their sessions each for itself. */
export async function sideBySide(
  store: string,
): Promise<[ServerProcess, ServerProcess, ServerProcess, ServerProcess]> {
  const [one, two] = await mocks(2, quick);
  if (!one || !two) throw new Error('Two were asked for.');
  const settings = { store, policy: 'least_sessions' };
  // Each has the other one first.
  const [left, right] = await Promise.all([
    readyRouter([one.url, two.url], settings),
    readyRouter([two.url, one.url], settings),
  ]);
  return [left, right, one, two];
}

function resumeOf(assigned: Frame | undefined): object {
  return { session_id: assigned?.session_id, resume_token: assigned?.resume_token };
}

/** Goes on behind so many segments. */
export async function comeBack(
  router: ServerProcess,
  assigned: Frame | undefined,
  segments: number,
): Promise<Frame> {
  const rules = new StreamRules({ nextIdx: segments, durationMs: segments * 500 });
  await using client = await ContractClient.connect(router.url, { rules });
  client.send({ type: 'session_init_v2', resume: resumeOf(assigned) });
  await client.until('ltx2_stream_start');
  client.prompt('a bear');
  return await client.until('ltx2_segment_start');
}
