import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { KeepAlive } from '../../base/keep-alive.ts';
import type { Logger } from '../../base/log.ts';
import { MessagePace } from '../../base/message-pace.ts';
import type { ByteSource } from '../../base/opening/message-bytes.ts';
import { ReadGate } from '../../base/read-gate.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { RouterSettings } from '../settings.ts';
import { closeWith } from '../wire/close-code.ts';
import { type Message, messageOf } from '../wire/message.ts';
import { BufferedSender } from './buffered-sender.ts';
import type { RelayEnd } from './relay-end.ts';

export interface ClientConnectionOptions {
  readonly settings: RouterSettings;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
  /** Called at the pace that the settings allow, and no more once the end was told. */
  readonly onMessage: (message: Message) => void;
  readonly onClose: (code: number, reason: string) => void;
}

/** The connection of one client: what it says comes in at its pace, and what it is told waits until it takes it. */
export class ClientConnection {
  readonly source: ByteSource;
  readonly gate: ReadGate;
  readonly sender: BufferedSender;
  readonly #socket: WebSocket;
  readonly #metrics: RouterMetrics;
  readonly #gone = new AbortController();
  #ended = false;

  /** `stream`: what the connection was upgraded from. */
  constructor(socket: WebSocket, stream: Duplex, options: ClientConnectionOptions) {
    const { settings, metrics, logger, onMessage, onClose } = options;
    this.#socket = socket;
    this.#metrics = metrics;
    this.source = { webSocket: socket, stream };
    const keepAlive = new KeepAlive(socket, settings.ping_interval_seconds * 1000);
    // Its answer to a ping comes behind the message that it is sending, which may take longer than some pings.
    stream.on('data', () => keepAlive.alive());
    this.gate = new ReadGate(socket);
    this.sender = new BufferedSender(socket, {
      limitBytes: settings.buffer_bytes,
      stream,
      onSent: (bytes) => {
        keepAlive.alive();
        metrics.toClients.inc(bytes);
      },
    });
    const pace = new MessagePace<Message>({
      rate: settings,
      gate: this.gate,
      // Held back for what it says once the end was told, it would not be heard to close.
      deliver: (message) => {
        if (!this.#ended) onMessage(message);
      },
      onSlowed: () => metrics.clientSlowed(),
    });
    socket.on('message', (data, isBinary) => {
      const message = messageOf(data, isBinary);
      pace.push(message, message.data.length);
    });
    socket.on('ping', () => pace.control());
    socket.on('pong', () => pace.control());
    this.gone.addEventListener('abort', () => pace[Symbol.dispose]());
    socket.on('error', (error) => {
      if (systemErrorCode(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        metrics.limitReached('max_message_bytes');
      logger.debug({ error: errorMessage(error) }, 'client socket failed');
    });
    socket.on('close', (code, reason) => {
      this.#gone.abort();
      onClose(code, reason.toString());
    });
  }

  /** Aborts when the client has disconnected. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The sub-protocol that it was given; empty: none. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Tells the end and closes; only the first one counts. */
  end({ frames, error, code, reason }: RelayEnd): void {
    if (this.#ended || this.gone.aborted) return;
    this.#ended = true;
    if (error) this.#metrics.errorSent(error);
    for (const frame of frames) this.sender.send(frame, this.gate);
    this.gate.open();
    closeWith(this.#socket, code, reason);
  }

  /** Waits for no answer. */
  cut(): void {
    this.#gone.abort();
    this.#socket.terminate();
  }
}
