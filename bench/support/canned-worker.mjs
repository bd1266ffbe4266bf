// A worker that encodes nothing: each run sends `CANNED_BYTES` of media in chunks of `CANNED_CHUNK` bytes as fast as it
// may, so that only the way of the bytes is measured. Speaks the worker protocol (docs/worker-protocol.md).
const chunk = Buffer.alloc(Number(process.env.CANNED_CHUNK ?? 65536));
const total = Number(process.env.CANNED_BYTES ?? 64 * 2 ** 20);
let buffered = Buffer.alloc(0);
let window = 0;
let underWay = 0;
let wake = () => {};

function send(header, payload = Buffer.alloc(0)) {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(payload.length, 4);
  process.stdout.write(Buffer.concat([prefix, json]));
  if (payload.length > 0) process.stdout.write(payload);
}

async function run(run_id) {
  underWay = 0;
  send({ type: 'started', run_id, total_steps: 1 });
  send({ type: 'init', run_id, mime: 'video/mp4; codecs="avc1.42c01f"' }, Buffer.alloc(600));
  for (let sent = 0; sent < total; sent += chunk.length) {
    while (underWay > 0 && underWay + chunk.length > window) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    underWay += chunk.length;
    send({ type: 'media', run_id, frames: 1, timeline: { video_frames: 0 } }, chunk);
  }
  const media = { duration_ms: 1000, timeline: { video_frames: 0 } };
  send({ type: 'done', run_id, frames: 1, cancelled: false, media });
}

function take(message) {
  if (message.type === 'start') {
    window = message.window_bytes;
    const about = { model_id: 'canned', state_kind: 'canned', streams_frames: true, audio: null };
    send({ type: 'ready', protocol: 1, ...about, output: 'media' });
  } else if (message.type === 'run') void run(message.run_id);
  else if (message.type === 'ack') {
    underWay -= message.bytes;
    wake();
  } else if (message.type === 'ping') send({ type: 'pong', id: message.id });
  else if (message.type === 'shutdown') process.exit(0);
}

process.stdin.on('data', (data) => {
  buffered = Buffer.concat([buffered, data]);
  while (buffered.length >= 8) {
    const header = buffered.readUInt32BE(0);
    const end = 8 + header + buffered.readUInt32BE(4);
    if (buffered.length < end) return;
    const message = JSON.parse(buffered.subarray(8, 8 + header).toString());
    buffered = buffered.subarray(end);
    take(message);
  }
});
process.stdin.on('end', () => process.exit(0));
