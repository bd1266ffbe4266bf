import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../test/support/wait-for.ts';
import { freePort } from '../support/free-port.ts';
import type { MeasuredServer } from '../support/round.ts';
import type { SegmentSize } from './sizes.ts';

const script = fileURLToPath(new URL('./server.py', import.meta.url));

export interface PeerServer extends MeasuredServer, AsyncDisposable {}

/** FastVideo's own mock server on a free port, run by the Python that `installPeer` gave. */
export async function startPeer(python: string, size: SegmentSize): Promise<PeerServer> {
  const port = await freePort();
  const numbers = { port, width: size.width, height: size.height, frames: size.frames };
  const args = Object.entries(numbers).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(python, [script, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  const isUp = async () => {
    if (child.exitCode !== null)
      throw new Error(`FastVideo's server ended with ${child.exitCode}:\n${stderr}`);
    return await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  const stop = async () => {
    // Where it is deadlocked it hears nothing else. Its encoders end with their stdin.
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await waitFor("FastVideo's server", isUp);
  } catch (error) {
    await stop();
    throw error;
  }
  const { pid } = child;
  if (pid === undefined) throw new Error("FastVideo's server has no process id although it answers.");
  return { url, pid, [Symbol.asyncDispose]: stop };
}
