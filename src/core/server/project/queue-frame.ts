import type { Pool } from '../../pool/pool.ts';
import { queueReason, type Waiting } from '../../pool/worker-wait.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';

/** Who waits and who is free. Without a wait of its own: the one that a session would begin now. */
export function queueFrame(pool: Pool, waiting?: Waiting): ProjectServerFrame {
  const { workers, queueDepth } = pool.status();
  const available = workers.filter((worker) => worker.available).length;
  const position = waiting?.position ?? (available > 0 && queueDepth === 0 ? 0 : queueDepth + 1);
  return {
    type: 'queue_status',
    position,
    total_gpus: workers.length,
    available_gpus: available,
    ...(position > 0 ? { reason: waiting?.reason ?? queueReason(workers, false) } : {}),
  };
}
