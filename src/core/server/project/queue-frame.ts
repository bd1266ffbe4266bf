import type { Pool } from '../../pool/pool.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';

/** Who waits and who is free. Without a place in the queue: the one that a session would get now. */
export function queueFrame(pool: Pool, place?: number): ProjectServerFrame {
  const { workers, queueDepth } = pool.status();
  const available = workers.filter((worker) => worker.available).length;
  const position = place ?? (available > 0 && queueDepth === 0 ? 0 : queueDepth + 1);
  return { type: 'queue_status', position, total_gpus: workers.length, available_gpus: available };
}
