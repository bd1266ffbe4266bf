import { alarm } from '../../base/async/deadline.ts';
import type { Logger } from '../../base/log.ts';
import { frameType } from '../failover/frame-type.ts';
import type { RelayedSession } from '../failover/relayed-session.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { Replica } from '../replicas/replica.ts';
import type { RouterSettings } from '../settings.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import type { Message } from '../wire/message.ts';
import { readReplicaFrame, type SessionKey } from '../wire/replica-frames.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ClientRequest } from './client-request.ts';
import { closeLimitMs, ReplicaConnection } from './replica-connection.ts';
import { SilenceWatch } from './silence-watch.ts';

export interface AttemptOptions {
  readonly replica: Replica;
  readonly client: ClientConnection;
  readonly session: RelayedSession;
  readonly request: ClientRequest;
  readonly settings: RouterSettings;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
  /** Whether the session goes on here after it was lost elsewhere. */
  readonly moving: boolean;
  /** The session as this replica knows it, where the client comes back to one. */
  readonly resumeAs: SessionKey | undefined;
  /** The replica has accepted the session, under that key where it told one. */
  readonly onLetIn: (key: SessionKey | undefined) => void;
  /** A message of the replica has been dealt with. */
  readonly onForwarded: () => void;
}

/** Close codes of a replica that goes away or takes nobody: before the session is let in, another is tried. */
const goElsewhere = [1001, 1012, 1013];

/** Messages of a replica before it lets a session in: some each time that the queue moves, never so many. */
const mostBeforeLetIn = 10_000;

/** One replica's turn with a session: what client and replica say to each other, from the connection to its end. */
export class Attempt implements Disposable {
  readonly connection: ReplicaConnection;
  readonly replica: Replica;
  readonly #options: AttemptOptions;
  readonly #silence: SilenceWatch;
  /** Whether the replica was sent the session's first message. */
  #opened = false;
  #letInAt: number | undefined;
  /** The frame that the session was refused with. */
  #rejection: Message | undefined;
  /** Runs while the replica has refused the session and not closed. */
  #overdue: Disposable | undefined;
  /** Messages before the session was let in. */
  #early = 0;
  #over = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.replica = options.replica;
    this.connection = this.#connect();
    this.#silence = this.#silenceWatch();
  }

  /** Since when the replica has the session, by `performance.now()`; undefined when it has not let it in. */
  get letInAt(): number | undefined {
    return this.#letInAt;
  }

  get isLetIn(): boolean {
    return this.#letInAt !== undefined;
  }

  get rejection(): Message | undefined {
    return this.#rejection;
  }

  /** Whether another replica may be asked after that end, where this one has not let the session in. */
  isForAnother(end: ReplicaConnectionEnd): boolean {
    if (end.kind === 'refused') return false;
    if (this.#rejection || end.kind !== 'closed') return true;
    return goElsewhere.includes(end.code);
  }

  /** A message of the client, which the session knows; `isOpening`: its first one. */
  fromClient(message: Message, isOpening: boolean): void {
    const { moving, client } = this.#options;
    if (!this.connection.isOpen || (moving && !this.isLetIn)) return;
    if (isOpening) this.#sendOpening();
    else this.connection.sender.send(message, client.gate);
    this.#silence.look();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#overdue?.[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
  }

  #connect(): ReplicaConnection {
    const { replica, request, client, settings, metrics } = this.#options;
    return new ReplicaConnection({
      url: replica.url,
      target: request.target,
      headers: request.headers,
      protocol: client.protocol,
      connectTimeoutMs: settings.connect_timeout_seconds * 1000,
      maxMessageBytes: settings.max_message_bytes,
      bufferBytes: settings.buffer_bytes,
      pingIntervalMs: settings.ping_interval_seconds * 1000,
      onOpen: () => this.#sendOpening(),
      onMessage: (message) => this.#fromReplica(message),
      onLife: () => replica.heard(),
      onSent: (bytes) => metrics.toReplicas.inc(bytes),
    });
  }

  #silenceWatch(): SilenceWatch {
    const { replica, session, settings, metrics, logger } = this.#options;
    const { opening_timeout_seconds: openingSeconds, silence_timeout_seconds: answerSeconds } = settings;
    return new SilenceWatch({
      limits: { openingMs: openingSeconds * 1000, answerMs: answerSeconds * 1000 },
      isDue: () => (this.isLetIn ? session.owed.areDue : this.#opened),
      isDeaf: () => this.connection.isDeaf,
      onSilent: (silentMs) => {
        const seconds = Math.round(silentMs / 1000);
        metrics.replicaSilent(replica.name);
        logger.warn({ replica: replica.name, seconds }, 'replica owes an answer and is silent');
        this.connection.fail(`It owed an answer and said nothing for ${seconds} s.`);
      },
    });
  }

  #sendOpening(): void {
    const { session, client, moving, resumeAs } = this.#options;
    const first = moving ? session.movingMessage() : session.openingMessage(resumeAs);
    if (this.#over || !first) return;
    this.connection.sender.send(first, client.gate);
    this.#opened = true;
    if (!moving) this.#sendRest();
    this.#silence.look();
  }

  #sendRest(): void {
    const { session, client } = this.#options;
    for (const message of session.script.rest) this.connection.sender.send(message, client.gate);
  }

  /** Gives whether the message is needed no more. */
  #fromReplica(message: Message): boolean {
    if (this.#over) return true;
    const type = message.isBinary ? undefined : frameType(message.data);
    const all = this.#options.session.released(type, message);
    // What it has told before still holds: another replica goes on from there.
    if (!all) this.connection.fail('It sent a checkpoint that cannot be read.');
    let isGone = false;
    for (const released of all ?? []) {
      isGone = this.#forward(released) && released === message;
    }
    this.#silence.heard();
    return isGone;
  }

  /** Gives whether the message has gone to the client. */
  #forward(message: Message): boolean {
    const { session, client, moving, onForwarded } = this.#options;
    let isGone = false;
    const type = message.isBinary ? undefined : frameType(message.data);
    const passes = this.isLetIn || this.#admit(message);
    if (!this.isLetIn) this.#early += 1;
    if (this.#early > mostBeforeLetIn) this.connection.fail('It sent more frames than an opening needs.');
    if (passes && !(moving && session.isKnown(type))) {
      isGone = client.sender.send(message, this.connection.gate);
      session.passed(type, message);
    }
    onForwarded();
    return isGone;
  }

  /** A message before the session is let in: whether it is for the client. */
  #admit(message: Message): boolean {
    const { moving } = this.#options;
    const frame = readReplicaFrame(message);
    if (frame.kind === 'rejection') {
      this.#rejection = message;
      this.#overdue ??= alarm(closeLimitMs, () => {
        if (!this.isLetIn) this.connection.fail('It refused the session and did not close.');
      });
    }
    if (frame.kind === 'assigned' || (frame.kind === 'other' && !moving)) {
      this.#letIn(frame.kind === 'assigned' ? frame.key : undefined);
    }
    if (frame.kind === 'rejection') return false;
    return !moving;
  }

  #letIn(key: SessionKey | undefined): void {
    const { session, client, moving, replica, onLetIn } = this.#options;
    this.#letInAt = performance.now();
    replica.sessionLetIn();
    // What the client said since waited for the session to be there again.
    if (moving) this.#sendRest();
    session.letIn();
    // It went on after all.
    if (this.#rejection) client.sender.send(this.#rejection, this.connection.gate);
    this.#rejection = undefined;
    onLetIn(key);
  }
}
