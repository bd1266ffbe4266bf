import fc from 'fast-check';
import { oddValue, written } from '../arbitraries/odd.ts';
import { type Field, type ServerName, serverNames } from '../field.ts';
import { openTarget, type Target } from '../target.ts';
import { exchange } from './http.ts';

interface Input {
  readonly server: ServerName;
  readonly path: string;
  /** Base64 of what is sent behind a valid upgrade. */
  readonly bytes: string;
}

const opcodes = [0x0, 0x1, 0x2, 0x3, 0x7, 0x8, 0x9, 0xa, 0xb, 0xf];

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    ...['', 'x', '{}', '{"type":"session_init_v2"}', '{"type":"segment_prompt_source","prompt":"a fox"}'].map(
      (text) => Buffer.from(text),
    ),
    ...[
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xce],
      [0x03],
      [0x03, 0xe8],
      [0x03, 0xed],
      [0xff, 0xff, 0xff],
    ].map((bytes) => Buffer.from(bytes)),
  ),
  fc.constantFrom(125, 126, 127, 65_535, 65_536, 200_000).map((length) => Buffer.alloc(length, 'x')),
  oddValue.map((value) => Buffer.from(written(value).slice(0, 300_000))),
);

const frame = fc
  .record({
    opcode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0x1, 0x0) }, fc.constantFrom(...opcodes)),
    final: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.boolean()),
    reserved: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat({ max: 7 })),
    masked: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, fc.constant(false)),
    mask: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    payload,
    /** The length as it is, written longer than needed, or another one. */
    length: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      fc.constantFrom<'16' | '64' | bigint>(
        '16',
        '64',
        0n,
        1n,
        126n,
        65_536n,
        2n ** 31n,
        2n ** 32n,
        2n ** 53n,
        2n ** 63n,
        2n ** 64n - 1n,
      ),
    ),
  })
  .map((one) => {
    const first = (one.final ? 0x80 : 0) | (one.reserved << 4) | one.opcode;
    const header = lengthOf(one.payload.length, one.length);
    if (one.masked && header[0] !== undefined) header[0] |= 0x80;
    const body = one.masked
      ? Buffer.concat([one.mask, one.payload.map((byte, at) => byte ^ (one.mask[at % 4] ?? 0))])
      : one.payload;
    return Buffer.concat([Buffer.from([first]), header, body]);
  });

export const websocket: Target = {
  name: 'websocket',
  about: 'bytes of WebSocket frames behind a valid upgrade, at serve, mock and router',
  batch: 60,
  open: async (field) =>
    openTarget<Input>({
      inputs: fc.record({
        server: fc.constantFrom(...serverNames),
        path: fc.constantFrom('/v1/stream', '/ws'),
        bytes: fc
          .array(frame, { minLength: 1, maxLength: 8 })
          .map((frames) => Buffer.concat(frames).toString('base64')),
      }),
      feed: async (inputs) => {
        await Promise.all(inputs.map(async (input) => await feed(input, field)));
        await field.check();
      },
    }),
};

async function feed({ server, path, bytes }: Input, field: Field): Promise<void> {
  const { url } = (await field.servers())[server];
  const head = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ].join('\r\n');
  await exchange(
    Number(new URL(url).port),
    Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(bytes, 'base64')]),
  );
}

function lengthOf(actual: number, given: '16' | '64' | bigint | undefined): Buffer {
  const long = (value: bigint) => {
    const bytes = Buffer.alloc(9, 127);
    bytes.writeBigUInt64BE(value, 1);
    return bytes;
  };
  if (typeof given === 'bigint') return long(given);
  if (given === '64' || actual > 65_535) return long(BigInt(actual));
  if (given === undefined && actual < 126) return Buffer.from([actual]);
  const bytes = Buffer.alloc(3, 126);
  bytes.writeUInt16BE(actual, 1);
  return bytes;
}
