/**
 * A program that encodes by itself: the package's own worker with the test pattern. Only the first message is changed
 * on its way, because that names this very program as the model.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const workerMain = fileURLToPath(new URL('../../../dist/worker-main.js', import.meta.url));
const inner = spawn(process.execPath, [workerMain], { stdio: ['pipe', 'inherit', 'inherit'] });
inner.on('close', (code) => process.exit(code ?? 1));

let start = Buffer.alloc(0);
const onData = (chunk) => {
  start = Buffer.concat([start, chunk]);
  if (start.length < 8 || start.length < 8 + start.readUInt32BE(0)) return;
  const end = 8 + start.readUInt32BE(0);
  const message = JSON.parse(start.toString('utf8', 8, end));
  const json = Buffer.from(JSON.stringify({ ...message, generator: { model_path: 'mock:gradient' } }));
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(json.length, 0);
  inner.stdin.write(Buffer.concat([prefix, json, start.subarray(end)]));
  process.stdin.off('data', onData);
  process.stdin.pipe(inner.stdin);
};
process.stdin.on('data', onData);
