// A replica that does nothing but send: what is measured is the way to it.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const box = (type, ...parts) => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};
const uint32 = (...values) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};

/** One fragment of two video frames, so many bytes in all. */
function fragment(bytes) {
  const traf = box(
    'traf',
    box('tfhd', uint32(0x020000, 1)),
    box('tfdt', uint32(0x01000000, 0, 0)),
    box('trun', uint32(0x000301, 2, 100, 512, 30_000, 512, 30_000)),
  );
  const moof = box('moof', box('mfhd', uint32(0, 1)), traf);
  return Buffer.concat([moof, box('mdat', Buffer.alloc(bytes - moof.length - 8))]);
}

const checkpoint = JSON.stringify({
  type: 'session_checkpoint',
  seen: 0,
  frames: 1,
  set: { current: null, continuation: null, tail: 'x'.repeat(1000) },
});
const assigned = JSON.stringify({ type: 'gpu_assigned', gpu_id: 0, session_timeout: 300 });
const start = (index) =>
  JSON.stringify({ type: 'ltx2_segment_start', segment_idx: index, prompt: '', total_steps: 1 });
const init = JSON.stringify({ type: 'media_init', segment_idx: 0, mime: '', stream_id: '', mode: 'av_fmp4' });
const highWaterBytes = 1024 * 1024;

const http = createServer((request, response) => {
  response.writeHead(request.url === '/health' ? 200 : 404).end('{}');
});
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString());
    if (frame.type === 'session_init_v2') {
      if (frame.checkpoints) socket.send(checkpoint);
      socket.send(assigned);
    } else if (frame.type === 'echo') {
      socket.send(data.toString());
    } else if (frame.type === 'flood') {
      flood(socket, fragment(frame.bytes), frame.count);
    }
  });
});

function flood(socket, data, count) {
  socket.send(start(0));
  socket.send(init);
  socket.send(Buffer.alloc(100));
  let left = count;
  const more = () => {
    while (left > 0 && socket.bufferedAmount < highWaterBytes) {
      left -= 1;
      socket.send(data, more);
    }
  };
  more();
}

http.listen(0, '127.0.0.1', () => console.log(http.address().port));
