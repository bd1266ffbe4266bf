import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of every process of a test run, whoever started it. */
export const runVariable = 'FASTVIDEO_TEST_RUN';

const mostRounds = 100;

/**
 * The processes of a run but this one, as Linux's `/proc` shows them; none elsewhere. A process that has been given
 * another environment is not among them.
 */
export function processesOf(run) {
  const mark = `\0${runVariable}=${run}\0`;
  return numbersInProc().flatMap((pid) => {
    if (pid === process.pid || !`\0${contentOf(`/proc/${pid}/environ`)}`.includes(mark)) return [];
    return [{ pid, command: contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }];
  });
}

/** Kills them, and what they started meanwhile. */
export function endProcessesOf(run) {
  for (let round = 0; round < mostRounds; round += 1) {
    const left = processesOf(run);
    if (left.length === 0) return;
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    // A killed process stays in the list for a moment.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function numbersInProc() {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    // No Linux.
    return [];
  }
}

function contentOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between the listing and the look, or is another user's.
    return '';
  }
}
