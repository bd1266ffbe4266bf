import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CheckedClient } from './checked-client.ts';
import { documentProblem, type Frame } from './frame-documents.ts';
import { StreamRules } from './stream-rules.ts';

export type { Received } from './frame-cursor.ts';
export type { Frame } from './frame-documents.ts';

interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Where a resumed session goes on. */
  readonly rules?: StreamRules;
}

/** A client of `/v1/stream`. */
export class ContractClient extends CheckedClient<StreamRules> {
  static async connect(url: string, options: ConnectOptions = {}): Promise<ContractClient> {
    const address = `${url.replace(/^http/, 'ws')}/v1/stream${options.query ?? ''}`;
    const socket = new WebSocket(address, { headers: { ...options.headers }, perMessageDeflate: false });
    const client = new ContractClient(socket, options.rules ?? new StreamRules());
    await once(socket, 'open');
    return client;
  }

  /** Connects, sends `session_init_v2` with the given fields and waits until the session is active. */
  static async open(url: string, init: object = {}, options: ConnectOptions = {}): Promise<ContractClient> {
    const client = await ContractClient.connect(url, options);
    client.send({ type: 'session_init_v2', ...init });
    await client.until('ltx2_stream_start');
    return client;
  }

  prompt(prompt: string, fields: object = {}): void {
    this.send({ type: 'segment_prompt_source', prompt, ...fields });
  }

  protected problemOf(frame: Frame): string | undefined {
    return documentProblem(frame);
  }
}
