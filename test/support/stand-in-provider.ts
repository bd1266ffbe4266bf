import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model was asked. */
export interface StandInCall {
  /** From 0. */
  readonly index: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  readonly system: string;
  readonly user: string;
  /** The user's words in it: what stands behind the last "The wish:", or the whole. */
  readonly wish: string;
}

/** How it answers. */
export type StandInReply =
  | { readonly kind: 'answer'; readonly content: string | null; readonly finishReason?: string }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly message?: string;
      /** In place of `{error: {message}}`. */
      readonly body?: string;
    }
  /** 200 with this body, whatever it is. */
  | { readonly kind: 'raw'; readonly body: string; readonly contentType?: string }
  /** Never answers. `body`: sends the headers and half of the body first. */
  | { readonly kind: 'stall'; readonly after?: 'nothing' | 'body' }
  /** Cuts the connection. `body`: in the middle of the body. */
  | { readonly kind: 'cut'; readonly after?: 'nothing' | 'body' };

export interface StandInProvider extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  readonly calls: readonly StandInCall[];
  /** Calls whose client hung up before it had its answer. */
  readonly hungUp: number;
  /** Most calls that it worked on at once. */
  readonly mostAtOnce: number;
  reply(how: StandInReply | ((call: StandInCall) => StandInReply | Promise<StandInReply>)): void;
  stop(): Promise<void>;
}

/** An OpenAI-compatible endpoint on a free port. Answers `better: WISH` until it is told otherwise. */
export async function startStandInProvider(): Promise<StandInProvider> {
  const calls: StandInCall[] = [];
  let [hungUp, running, mostAtOnce] = [0, 0, 0];
  let how: (call: StandInCall) => StandInReply | Promise<StandInReply> = ({ wish }) => ({
    kind: 'answer',
    content: `better: ${wish}`,
  });
  const server = createServer(async (request, response) => {
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    response.once('close', () => {
      running -= 1;
      if (!response.writableFinished && request.complete) hungUp += 1;
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body: Record<string, unknown> = JSON.parse(Buffer.concat(parts).toString('utf8'));
    const { url: path = '', headers } = request;
    const user = said(body, 1);
    const wish = user.split('The wish:\n').at(-1) ?? user;
    const call = { index: calls.length, path, headers, body, system: said(body, 0), user, wish };
    calls.push(call);
    send(response, await how(call), String(body['model']));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    calls,
    get hungUp() {
      return hungUp;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    reply(next) {
      how = typeof next === 'function' ? next : () => next;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function said(body: Readonly<Record<string, unknown>>, index: number): string {
  const messages = body['messages'] as readonly { readonly content: string }[];
  return messages[index]?.content ?? '';
}

function send(response: ServerResponse, reply: StandInReply, model: string): void {
  const json = { 'content-type': 'application/json' };
  switch (reply.kind) {
    case 'answer': {
      const message = { role: 'assistant', content: reply.content };
      const choices = [{ index: 0, message, finish_reason: reply.finishReason ?? 'stop' }];
      response.writeHead(200, json);
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model, choices }));
      return;
    }
    case 'status':
      response.writeHead(reply.status, { ...json, ...reply.headers });
      response.end(reply.body ?? JSON.stringify({ error: { message: reply.message ?? 'no luck' } }));
      return;
    case 'raw':
      response.writeHead(200, { 'content-type': reply.contentType ?? 'application/json' });
      response.end(reply.body);
      return;
    case 'stall':
      if (reply.after === 'body') response.writeHead(200, json).write('{"choices": [{"mess');
      return;
    case 'cut':
      if (reply.after !== 'body') response.destroy();
      else {
        response.writeHead(200, { ...json, 'content-length': '500' });
        response.write('{"choices": [{"mess', () => response.destroy());
      }
      return;
  }
}
