// A process that does nothing but answer, after a fixed piece of work: how long it takes says how busy the machine is.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';

const bytes = new Uint8Array(4 * 2 ** 20);
const server = createServer((_, response) => {
  response.end(createHash('sha256').update(bytes).digest('hex'));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit(0));
