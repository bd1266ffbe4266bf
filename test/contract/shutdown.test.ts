import { it } from 'vitest';
import { shutdowns } from './shutdowns.ts';

/** One of each kind; shutdown.long.test.ts has all, with each command. */
const chosen = [
  ['mock', 'lets the running segment end, and answers the request that waits'],
  ['mock', 'cuts a segment off that does not end within server.drain_seconds'],
  ['serve', 'ends at once with exit code 130 after a second signal, and leaves no process behind'],
  ['serve', 'leaves no process behind when it is killed'],
] as const;

it.each(chosen)('`fastvideo %s` when it is told to stop %s', async (command, title) => {
  await shutdowns[title](command);
});
