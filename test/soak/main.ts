import { parseArgs } from 'node:util';
import { probe } from '../contract/film.ts';
import { startRedisServer } from '../support/redis-server.ts';
import { soak } from './soak.ts';

const help = `npm run soak -- [--seed N] [--sessions 32] [--replicas 3] [--actions 60] [--max-pause-ms 4000] [--redis]

Sessions of both dialects, some with JPEG, some that read slowly, some that break off and resume, through a router whose replicas are killed (SIGKILL), drained (SIGTERM) and frozen (SIGSTOP),
one after the other. Fails when a client sees a close, an error, a segment twice or not at all, or media that is not one
line, when the film of a session does not play or shows other pictures than an unbroken one, and when anything is left
at a replica or in the router at the end. With --redis there are two routers, and the replicas share their sessions. The same seed takes the same replicas away in the same order.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sessions: { type: 'string', default: '32' },
    replicas: { type: 'string', default: '3' },
    actions: { type: 'string', default: '60' },
    'max-pause-ms': { type: 'string', default: '4000' },
    redis: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(help);
else {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s`;
  console.log(`seed ${values.seed}`);
  const redis = values.redis ? await startRedisServer() : undefined;
  const { films, ...report } = await soak({
    seed: Number(values.seed),
    sessions: Number(values.sessions),
    replicas: Number(values.replicas),
    actions: Number(values.actions),
    maxPauseMs: Number(values['max-pause-ms']),
    redisUrl: redis?.url,
    onAction: (line) => console.log(`${seconds()}  ${line}`),
  }).finally(() => redis?.stop());
  for (const { bytes, frames } of films) {
    const { videoFrames } = await probe(bytes);
    if (videoFrames !== frames) throw new Error(`A film has ${videoFrames} frames in place of ${frames}.`);
  }
  console.log(`${seconds()}  ${JSON.stringify(report)}`);
}
