import { connect } from 'node:net';
import fc from 'fast-check';
import { anyText } from '../arbitraries/odd.ts';
import type { Field, ServerName } from '../field.ts';
import { serverNames } from '../field.ts';
import { Finding, openTarget, type Target } from '../target.ts';

interface Input {
  readonly server: ServerName;
  /** Latin-1: a character a byte. */
  readonly request: string;
}

/** How long an answer is waited for; many requests are no whole ones, and get none. */
const answerMs = 300;

const paths = [
  ...[
    '/',
    '/health',
    '/healthz',
    '/readyz',
    '/readyz?strict',
    '/status',
    '/metrics',
    '/openapi.json',
    '/docs',
  ],
  ...['/prompt-system-config', '/curated-presets', '/curated-presets/append', '/lora', '/lora/options'],
  ...[
    '/internal/monitor/sessions',
    '/admin/drain',
    '/admin/workers/0/restart',
    '/mock/scenario',
    '/mock/scenarios',
  ],
  ...[
    '/v1/stream',
    '/ws',
    '/router/replicas/sessions',
    '/recordings',
    '//',
    '///',
    '*',
    'http://[x]/',
    'http://a:99999/',
  ],
  ...[
    '/..%2f..%2fetc/passwd',
    '/%',
    '/%zz',
    '/%00',
    '/\u00e9',
    '/status/',
    '/a/../status',
    '//evil.example/',
    '?',
    '#',
  ],
];
const methods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
  'QUERY',
  'get',
  'X',
  '',
];
const names = [
  ...[
    'Host',
    'Origin',
    'Connection',
    'Upgrade',
    'Content-Length',
    'Content-Type',
    'Transfer-Encoding',
    'Cookie',
  ],
  ...[
    'Authorization',
    'X-API-Key',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Protocol',
    'Expect',
  ],
  ...[
    'Sec-WebSocket-Extensions',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'Accept-Encoding',
    'Range',
    'If-None-Match',
  ],
  ...['__proto__', 'HTTP2-Settings', 'Access-Control-Request-Method', 'TE', 'Trailer', 'Host '],
];
const values = [
  ...[
    'localhost',
    '127.0.0.1',
    '[::1]',
    'evil.example',
    '[',
    'a:b:c',
    ':80',
    'http://localhost',
    'null',
    'websocket',
  ],
  ...[
    'Upgrade',
    'Upgrade, HTTP2-Settings',
    'close',
    'keep-alive',
    'h2c',
    'chunked',
    'gzip, chunked',
    '-1',
    '1e9',
    '4',
  ],
  ...[
    '99999999999999999999',
    'application/json',
    'text/plain',
    'application/json; charset=x',
    '13',
    '8',
    'x, y',
    ',,,',
  ],
  ...[
    'dGhlIHNhbXBsZSBub25jZQ==',
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits=99',
    'Bearer x',
  ],
  ...['100-continue', 'bytes=0-,0-,0-', 'a=b; a=b', 'Basic ====', '"', '\t'],
];

const text = fc.oneof(fc.constantFrom(...values), anyText.map(oneLine));
const header = fc
  .tuple(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, anyText.map(oneLine)), text)
  .map(([name, value]) => `${name}: ${value}`);
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '[]',
    '{',
    'null',
    '{"__proto__":{}}',
    '{"strength":1e999}',
    '{"presets":[{}]}',
    '0\r\n\r\n',
    'zz\r\n',
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  anyText,
);

const request = fc
  .record({
    method: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('GET', 'POST', 'PUT') },
      fc.constantFrom(...methods),
    ),
    target: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...paths) }, anyText.map(oneLine)),
    query: fc.option(anyText.map(oneLine), { nil: undefined, freq: 4 }),
    version: fc.constantFrom(
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.0',
      'HTTP/2.0',
      'HTTP/9.9',
      'RTSP/1.0',
      '',
    ),
    host: fc.boolean(),
    upgrade: fc.constantFrom(undefined, undefined, 'websocket', 'h2c', 'WebSocket, h2c'),
    headers: fc.array(header, { maxLength: 5 }),
    body: fc.option(fc.tuple(body, fc.boolean()), { nil: undefined }),
  })
  .map(({ method, target, query, version, host, upgrade, headers, body: given }) => {
    const lines = [`${method} ${target}${query === undefined ? '' : `?${query}`} ${version}`];
    if (host) lines.push('Host: localhost');
    if (upgrade !== undefined) {
      lines.push('Connection: Upgrade', `Upgrade: ${upgrade}`, 'Sec-WebSocket-Version: 13');
      lines.push('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
    }
    lines.push(...headers);
    const [content, isJson] = given ?? [];
    if (content !== undefined && isJson) {
      lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`);
    }
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${content ?? ''}`).toString('latin1');
  });

/** Whole requests, several at once, and some that are none. */
const requests = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.nat({ max: 1000 }), fc.boolean())
  .map(([list, at, broken]) => {
    const all = list.join('');
    if (!broken || at % 3 > 0) return all;
    const cut = Math.floor((all.length * at) / 1000);
    return `${all.slice(0, cut)}\0\n${all.slice(cut)}`;
  });

export const http: Target = {
  name: 'http',
  about: 'request lines, headers and bodies of HTTP, at serve, mock and router',
  batch: 60,
  open: async (field) =>
    openTarget<Input>({
      inputs: fc.record({ server: fc.constantFrom(...serverNames), request: requests }),
      feed: async (inputs) => {
        await Promise.all(inputs.map(async (input) => await feed(input, field)));
        await field.check();
      },
    }),
};

async function feed({ server, request: sent }: Input, field: Field): Promise<void> {
  const { url } = (await field.servers())[server];
  const answer = await exchange(Number(new URL(url).port), Buffer.from(sent, 'latin1'));
  const status = /^HTTP\/1\.1 (5\d\d) [^\r]*/m.exec(answer);
  // 501 and 503 are answers; 505 is Node's to a version that is none.
  if (status && !['501', '503', '505'].includes(status[1] ?? '')) {
    throw new Finding(
      `${server} answered ${status[0]} to ${JSON.stringify(sent.slice(0, 400))}\n${answer.slice(-500)}`,
    );
  }
}

/** What came until the server closed, or for a while. */
export async function exchange(port: number, sent: Buffer): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let came = '';
    const end = () => {
      socket.destroy();
      resolve(came);
    };
    const timer = setTimeout(end, answerMs);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      if (came.length < 100_000) came += chunk;
      timer.refresh();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      end();
    });
    socket.write(sent);
  });
}

function oneLine(value: string): string {
  return value.replaceAll(/[\r\n]/g, ' ').slice(0, 20_000);
}
