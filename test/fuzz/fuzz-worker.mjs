/**
 * A worker program that says what a file tells it to: node fuzz-worker.mjs FILE. The file is JSON, read at each message
 * that is answered: `{ready, messages}`, each message with its header as text, where `@run` stands for the id of the
 * run, and its payload in base64; `{raw}` are bytes as they are. Without a file it makes a small segment, as it should.
 */
import { Buffer } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { receive, send } from '../support/workers/protocol.mjs';

const [path = '', output = 'frames'] = process.argv.slice(2);
const hello = {
  type: 'ready',
  protocol: 1,
  model_id: 'fuzz',
  state_kind: 'fuzz/1',
  streams_frames: true,
  audio: null,
  output,
};

const script = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});

function write({ header, payload = '', raw }, run) {
  if (raw !== undefined) {
    process.stdout.write(Buffer.from(raw, 'base64'));
    return;
  }
  const json = Buffer.from(header.replaceAll('"@run"', String(run)));
  const bytes = Buffer.from(payload, 'base64');
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(bytes.length, 4);
  process.stdout.write(Buffer.concat([prefix, json, bytes]));
}

function makeHonestly({ run_id, request }) {
  send({ type: 'started', run_id, total_steps: 1 });
  for (let frame = 0; frame < request.num_frames; frame += 1) {
    send({ type: 'frame', run_id }, Buffer.alloc(request.width * request.height * 3, frame));
  }
  send({ type: 'done', run_id, frames: request.num_frames, cancelled: false });
}

receive(
  (message) => {
    const { ready, messages } = script();
    if (message.type === 'start') {
      if (ready === undefined) send(hello);
      else write(ready, 1);
    } else if (message.type === 'run') {
      if (messages === undefined) makeHonestly(message);
      else for (const one of messages) write(one, message.run_id);
    } else if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else if (message.type === 'shutdown') process.exit(0);
  },
  () => process.exit(0),
);
