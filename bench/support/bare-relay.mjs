// The least that a relay in Node can be: the stdout of a child goes, chunk by chunk, into a WebSocket.
import { spawn } from 'node:child_process';
import { WebSocketServer } from 'ws';

const [bytes, chunkBytes] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
  console.log(server.address().port);
});
server.on('connection', (socket) => {
  const source = `let left = ${bytes}; const chunk = Buffer.alloc(${chunkBytes});
    const more = () => { while (left > 0) { left -= chunk.length; if (!process.stdout.write(chunk)) return; } };
    process.stdout.on('drain', more); more();`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk) => {
    child.stdout.pause();
    socket.send(chunk, () => child.stdout.resume());
  });
  child.stdout.on('end', () => socket.close());
});
