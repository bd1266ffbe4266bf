import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** What is fed in this process may hold it up for ever, which only another thread can tell. */
const hangMs = 20 * 60_000;

const code = `
const { parentPort } = require('node:worker_threads');
const { writeSync } = require('node:fs');
let timer;
parentPort.on('message', ({ what, path, limitMs }) => {
  clearTimeout(timer);
  if (what === undefined) return;
  timer = setTimeout(() => {
    writeSync(2, 'FOUND a hang: ' + what + ' has not ended within ' + limitMs / 1000 + ' s. Replay: --replay ' + path + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, limitMs);
});
`;

export interface Watchdog extends Disposable {
  /** Saves what is fed, and ends this process when {@link fed} does not follow in time. */
  feeds(what: string, path: string, saved: string): void;
  fed(): void;
}

export function watchdog(limitMs = hangMs): Watchdog {
  const worker = new Worker(code, { eval: true });
  worker.unref();
  return {
    feeds: (what, path, saved) => {
      writeFileSync(path, saved);
      worker.postMessage({ what, path, limitMs });
    },
    fed: () => worker.postMessage({}),
    [Symbol.dispose]: () => void worker.terminate(),
  };
}
