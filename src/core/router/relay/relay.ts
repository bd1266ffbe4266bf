import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { KeepAlive } from '../../base/keep-alive.ts';
import type { Logger } from '../../base/log.ts';
import { MessagePace } from '../../base/message-pace.ts';
import type { ByteSource } from '../../base/opening/message-bytes.ts';
import type { OpeningLate, OpeningLimits } from '../../base/opening/opening-wait.ts';
import { ReadGate } from '../../base/read-gate.ts';
import type { SessionAffinity } from '../affinity/session-affinity.ts';
import type { FailoverBudget } from '../failover/failover-budget.ts';
import { frameType } from '../failover/frame-type.ts';
import { MovePace } from '../failover/move-pace.ts';
import { type DropLimit, RelayedSession } from '../failover/relayed-session.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import type { CurrentSettings, RouterSettings } from '../settings.ts';
import { closeWith } from '../wire/close-code.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import { type Message, messageOf } from '../wire/message.ts';
import { readReplicaFrame, type SessionKey, sessionToResume } from '../wire/replica-frames.ts';
import { BufferedSender } from './buffered-sender.ts';
import type { ClientRequest } from './client-request.ts';
import { firstMessage, signWhileReceiving } from './first-message.ts';
import {
  drainedAfter,
  drainedBefore,
  endingOf,
  lateClient,
  noHealthyReplica,
  type RelayEnd,
  rejectedWith,
  replicaLost,
} from './relay-end.ts';
import { closeLimitMs, ReplicaConnection } from './replica-connection.ts';
import { ReplicaSearch } from './replica-search.ts';
import { SilenceWatch } from './silence-watch.ts';

export interface RelayParts {
  readonly settings: CurrentSettings;
  readonly registry: ReplicaRegistry;
  readonly affinity: SessionAffinity;
  readonly metrics: RouterMetrics;
  readonly budget: FailoverBudget;
  readonly logger: Logger;
}

/** Close codes of a replica that goes away or takes nobody: before the session is let in, another is tried. */
const goElsewhere = [1001, 1012, 1013];

/** An opening that was lost with its replica may have been why: it is tried once more, and never a third time. */
const mostLostInFlight = 1;

/** Messages of a replica before it lets a session in: some each time that the queue moves, never so many. */
const mostBeforeLetIn = 10_000;

/** One replica's turn with the session. */
interface Attempt {
  readonly replica: Replica;
  readonly connection: ReplicaConnection;
  readonly silence: SilenceWatch;
  /** Whether it was sent the session's first message. */
  opened: boolean;
  /** Whether the session goes on here after it was lost elsewhere. */
  readonly moving: boolean;
  letIn: boolean;
  /** When it was. */
  since: number;
  /** The frame that it was refused with. */
  rejection: Message | undefined;
  /** Runs while it has refused the session and not closed. */
  overdue: NodeJS.Timeout | undefined;
  /** Messages before the session was let in. */
  early: number;
}

/** A session without a replica. */
interface Loss {
  readonly at: number;
  readonly from: Replica;
}

/**
 * One client's connection and the connections that serve it, one at a time: it chooses a replica, passes everything on both
 * ways, tries the next replica as long as none has let the session in, and moves it when its replica goes away.
 */
export class Relay {
  readonly #client: WebSocket;
  readonly #source: ByteSource;
  readonly #request: ClientRequest;
  readonly #parts: RelayParts;
  /** Those of the start: a reload is for connections to come. */
  readonly #settings: RouterSettings;
  readonly #clientGate: ReadGate;
  readonly #sender: BufferedSender;
  readonly #session: RelayedSession;
  readonly #pace: MovePace;
  readonly #gone = new AbortController();
  #attempt: Attempt | undefined;
  /** The session as the client knows it, and as the replica does that it comes back to. */
  #clientKey: SessionKey | undefined;
  #resumeAs: SessionKey | undefined;
  #loss: Loss | undefined;
  #draining = false;
  #ended = false;

  /** `stream`: what the client's connection was upgraded from. */
  constructor(client: WebSocket, stream: Duplex, request: ClientRequest, parts: RelayParts) {
    this.#client = client;
    this.#source = { webSocket: client, stream };
    this.#request = request;
    this.#parts = parts;
    this.#settings = parts.settings();
    const { buffer_bytes: bufferBytes, ping_interval_seconds: pingSeconds } = this.#settings;
    const keepAlive = new KeepAlive(client, pingSeconds * 1000);
    // Its answer to a ping comes behind the message that it is sending, which may take longer than some pings.
    stream.on('data', () => keepAlive.alive());
    this.#clientGate = new ReadGate(client);
    this.#sender = new BufferedSender(client, {
      limitBytes: bufferBytes,
      stream,
      onSent: (bytes) => {
        keepAlive.alive();
        parts.metrics.toClients.inc(bytes);
      },
    });
    this.#session = new RelayedSession({
      dialect: request.dialect,
      client: this.#clientGate,
      scriptBytes: bufferBytes,
      keptBytes: this.#settings.failover === 'transparent' ? this.#settings.failover_bytes : 0,
      budget: parts.budget,
      onDropped: (limit) => this.#notMoved(limit),
    });
    this.#pace = new MovePace(this.#settings.failover_seconds * 1000);
    const pace = new MessagePace<Message>({
      rate: this.#settings,
      gate: this.#clientGate,
      deliver: (message) => this.#fromClient(message),
      onSlowed: () => parts.metrics.clientSlowed(),
    });
    client.on('message', (data, isBinary) => {
      const message = messageOf(data, isBinary);
      pace.push(message, message.data.length);
    });
    client.on('ping', () => pace.control());
    client.on('pong', () => pace.control());
    this.#gone.signal.addEventListener('abort', () => pace[Symbol.dispose]());
    client.on('error', (error) => {
      if (systemErrorCode(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        parts.metrics.limitReached('max_message_bytes');
      parts.logger.debug({ error: errorMessage(error) }, 'client socket failed');
    });
    client.on('close', (code, reason) => {
      this.#gone.abort();
      this.#session.end();
      this.#attempt?.connection.close(code, reason.toString());
    });
  }

  /** Bytes held for either side. */
  get bufferedBytes(): number {
    const { unsentBytes = 0 } = this.#attempt?.connection.sender ?? {};
    return this.#sender.unsentBytes + unsentBytes + this.#session.script.waitingBytes;
  }

  /** Serves the client to the end of its connection's session. */
  async run(): Promise<void> {
    const limits = {
      silenceMs: this.#settings.init_timeout_seconds * 1000,
      totalMs: this.#settings.init_total_seconds * 1000,
    };
    const opening = await this.#firstWord(limits);
    if (this.#gone.signal.aborted) return;
    if (typeof opening === 'string') this.#end(lateClient(opening, limits));
    else this.#end(await this.#serve(opening && sessionToResume(opening)));
  }

  /** The router stops: the session ends when its running segment has. */
  drain(): void {
    this.#draining = true;
    this.#endIfDrained();
  }

  /** The time for that is over. */
  endDrain(): void {
    const isOpen = this.#attempt?.letIn || this.#loss;
    this.#end(isOpen ? drainedAfter(this.#request.dialect, this.#session.unmade) : drainedBefore);
  }

  /** Ends the connection from this side. */
  close(code: number, reason: string): void {
    this.#end({ frames: [], code, reason });
  }

  /** Cuts both sides off. */
  cut(): void {
    this.#gone.abort();
    this.#client.terminate();
    this.#attempt?.connection.cut();
  }

  /** A client of the project dialect may wait for the server's first frame: there a replica is chosen at once. */
  async #firstWord(limits: OpeningLimits): Promise<OpeningLate | Message | undefined> {
    const { opened } = this.#session.script;
    const gone = this.#gone.signal;
    if (this.#request.dialect === 'native') return await firstMessage(this.#source, opened, limits, gone);
    signWhileReceiving(this.#source, opened, gone, () => this.#attempt?.connection.signReceiving());
    return undefined;
  }

  async #serve(resumes: SessionKey | undefined): Promise<RelayEnd> {
    const place = resumes && (await this.#parts.affinity.find(resumes));
    this.#resumeAs = place?.key;
    const first = await this.#open(place?.url, resumes !== undefined);
    if ('frames' in first) return first;
    let { replica, end } = first;
    while (this.#session.canMove(end) && !this.#gone.signal.aborted) {
      const next = await this.#move(replica);
      if (!next) return replicaLost;
      ({ replica, end } = next);
    }
    return this.#session.isOver && end.kind === 'lost'
      ? { frames: [], code: 1000, reason: '' }
      : endingOf(end);
  }

  /** The end of the connection that had let the session in; what the client is told when none has. */
  async #open(
    prefer: string | undefined,
    resumes: boolean,
  ): Promise<RelayEnd | { replica: Replica; end: ReplicaConnectionEnd }> {
    using search = this.#search({ waitMs: this.#settings.wait_seconds * 1000, prefer });
    let rejection: RelayEnd | undefined;
    let lostInFlight = 0;
    // A session that no replica knows is not known later either: to ask for it costs nobody more than one question.
    const next = async () => await search.next({ wait: !(resumes && rejection) });
    for (let replica = await next(); replica; replica = await next()) {
      const { attempt, end } = await this.#try(replica, false);
      if (attempt.letIn) return { replica, end };
      if (!isForAnother(attempt, end)) return endingOf(end);
      if (end.kind === 'lost' && !attempt.rejection) lostInFlight += 1;
      if (lostInFlight > mostLostInFlight) return replicaLost;
      // The first answer counts: to a resume that is the one of the replica that held the session.
      if (attempt.rejection) rejection ??= rejectedWith(attempt.rejection, end);
    }
    return rejection ?? noHealthyReplica;
  }

  /** The session goes on elsewhere; gives the end of that connection, or undefined when no replica takes it. */
  async #move(from: Replica): Promise<{ replica: Replica; end: ReplicaConnectionEnd } | undefined> {
    const { metrics, logger } = this.#parts;
    const at = performance.now();
    this.#loss = { at, from };
    const waitMs = await this.#pace.pause(this.#gone.signal);
    using search = this.#search({ waitMs: waitMs ?? 0, leaveOut: from });
    const next = async () => (waitMs === undefined ? undefined : await search.next());
    let lostInFlight = 0;
    for (let replica = await next(); replica; replica = await next()) {
      const { attempt, end } = await this.#try(replica, true);
      if (attempt.letIn) {
        this.#pace.took(attempt.since - at);
        this.#pace.lostAgain(performance.now() - attempt.since, this.#session.wentOn);
        return { replica, end };
      }
      if (end.kind === 'lost' && !attempt.rejection) lostInFlight += 1;
      if (!this.#session.isKept || lostInFlight > mostLostInFlight) break;
      if (!isForAnother(attempt, end)) {
        logger.error({ replica: replica.name, end }, 'replica refused a session that was moved');
        break;
      }
    }
    this.#loss = undefined;
    if (!this.#gone.signal.aborted) metrics.sessionMoved('failed', undefined);
    return undefined;
  }

  #search(options: { waitMs: number; prefer?: string | undefined; leaveOut?: Replica }): ReplicaSearch {
    return new ReplicaSearch(this.#parts.registry, { ...options, over: this.#gone.signal });
  }

  /** One connection, from its start to its end. */
  async #try(replica: Replica, moving: boolean): Promise<{ attempt: Attempt; end: ReplicaConnectionEnd }> {
    const { registry, metrics, logger } = this.#parts;
    const connection = this.#connectTo(replica);
    const silence = this.#silenceWatch(replica, connection);
    const attempt: Attempt = {
      replica,
      connection,
      silence,
      opened: false,
      moving,
      letIn: false,
      since: 0,
      rejection: undefined,
      overdue: undefined,
      early: 0,
    };
    this.#attempt = attempt;
    this.#session.legBegins();
    replica.sessionBegins(connection);
    const end = await connection.ended;
    clearTimeout(attempt.overdue);
    silence[Symbol.dispose]();
    this.#attempt = undefined;
    this.#session.connectionEnded();
    replica.sessionEnded(connection, attempt.letIn);
    // Not for one that was not let in: those that wait would wake each other for ever.
    if (attempt.letIn) registry.placeFreed();
    if (this.#gone.signal.aborted) return { attempt, end };
    metrics.connectionEnded(replica.name, attempt.rejection ? 'rejected' : end.kind);
    if (end.kind === 'unreachable' || end.kind === 'lost') registry.sessionFailed(replica, end.reason);
    logger.debug({ replica: replica.name, let_in: attempt.letIn, end }, 'connection to a replica ended');
    return { attempt, end };
  }

  #connectTo(replica: Replica): ReplicaConnection {
    const settings = this.#settings;
    return new ReplicaConnection({
      url: replica.url,
      target: this.#request.target,
      headers: this.#request.headers,
      protocol: this.#client.protocol,
      connectTimeoutMs: settings.connect_timeout_seconds * 1000,
      maxMessageBytes: settings.max_message_bytes,
      bufferBytes: settings.buffer_bytes,
      pingIntervalMs: settings.ping_interval_seconds * 1000,
      onOpen: () => this.#sendOpening(),
      onMessage: (message) => this.#fromReplica(message),
      onLife: () => replica.heard(),
      onSent: (bytes) => this.#parts.metrics.toReplicas.inc(bytes),
    });
  }

  #silenceWatch(replica: Replica, connection: ReplicaConnection): SilenceWatch {
    const { opening_timeout_seconds: openingSeconds, silence_timeout_seconds: answerSeconds } =
      this.#settings;
    return new SilenceWatch({
      limits: { openingMs: openingSeconds * 1000, answerMs: answerSeconds * 1000 },
      isDue: () => {
        const { opened = false, letIn = false } = this.#attempt ?? {};
        return letIn ? this.#session.owed.areDue : opened;
      },
      isDeaf: () => connection.isDeaf,
      onSilent: (silentMs) => {
        const seconds = Math.round(silentMs / 1000);
        this.#parts.metrics.replicaSilent(replica.name);
        this.#parts.logger.warn({ replica: replica.name, seconds }, 'replica owes an answer and is silent');
        connection.fail(`It owed an answer and said nothing for ${seconds} s.`);
      },
    });
  }

  #sendOpening(): void {
    const attempt = this.#attempt;
    const first = attempt?.moving
      ? this.#session.movingMessage()
      : this.#session.openingMessage(this.#resumeAs);
    if (!attempt || !first) return;
    attempt.connection.sender.send(first, this.#clientGate);
    attempt.opened = true;
    if (!attempt.moving) this.#sendRest(attempt);
    attempt.silence.look();
  }

  #sendRest({ connection }: Attempt): void {
    for (const message of this.#session.script.rest) connection.sender.send(message, this.#clientGate);
  }

  #fromClient(message: Message): void {
    // Held back for what it says now it would not be heard to close.
    if (this.#ended) return;
    const { script } = this.#session;
    const isOpening = script.isUnopened;
    this.#session.onClientMessage(message);
    const attempt = this.#attempt;
    if (!attempt?.connection.isOpen || (attempt.moving && !attempt.letIn)) return;
    if (isOpening) this.#sendOpening();
    else attempt.connection.sender.send(message, this.#clientGate);
    attempt.silence.look();
  }

  /** Gives whether the message is needed no more. */
  #fromReplica(message: Message): boolean {
    const type = message.isBinary ? undefined : frameType(message.data);
    const all = this.#session.released(type, message);
    // What it has told before still holds: another replica goes on from there.
    if (!all) this.#attempt?.connection.fail('It sent a checkpoint that cannot be read.');
    let isGone = false;
    for (const released of all ?? []) {
      isGone = this.#forward(released) && released === message;
    }
    this.#attempt?.silence.heard();
    return isGone;
  }

  /** Gives whether the message has gone to the client. */
  #forward(message: Message): boolean {
    const attempt = this.#attempt;
    if (!attempt) return false;
    let isGone = false;
    const type = message.isBinary ? undefined : frameType(message.data);
    const passes = attempt.letIn || this.#admit(attempt, message);
    if (!attempt.letIn) attempt.early += 1;
    if (attempt.early > mostBeforeLetIn)
      attempt.connection.fail('It sent more frames than an opening needs.');
    if (passes && !(attempt.moving && this.#session.isKnown(type))) {
      isGone = this.#sender.send(message, attempt.connection.gate);
      this.#session.passed(type, message);
    }
    if (this.#draining) this.#endIfDrained();
    return isGone;
  }

  /** A message before the session is let in: whether it is for the client. */
  #admit(attempt: Attempt, message: Message): boolean {
    const frame = readReplicaFrame(message);
    if (frame.kind === 'rejection') {
      attempt.rejection = message;
      attempt.overdue ??= setTimeout(() => {
        if (!attempt.letIn) attempt.connection.fail('It refused the session and did not close.');
      }, closeLimitMs);
    }
    if (frame.kind === 'assigned' || (frame.kind === 'other' && !attempt.moving)) {
      this.#letIn(attempt, frame.kind === 'assigned' ? frame.key : undefined);
    }
    if (frame.kind === 'rejection') return false;
    return !attempt.moving;
  }

  #letIn(attempt: Attempt, key: SessionKey | undefined): void {
    const { affinity } = this.#parts;
    const { replica, moving } = attempt;
    attempt.letIn = true;
    attempt.since = performance.now();
    replica.sessionLetIn();
    // What the client said since waited for the session to be there again.
    if (moving) this.#sendRest(attempt);
    this.#session.letIn();
    // It went on after all.
    if (attempt.rejection) this.#sender.send(attempt.rejection, attempt.connection.gate);
    attempt.rejection = undefined;
    if (!moving) this.#clientKey = key;
    if (key) affinity.remember(this.#clientKey ?? key, key, replica.url);
    if (moving) this.#toldMoved(replica);
  }

  #notMoved(limit: DropLimit): void {
    this.#parts.metrics.failoverDropped(limit);
    const key = limit === 'total' ? 'failover_total_bytes' : 'failover_bytes';
    this.#parts.logger.warn(
      { replica: this.#attempt?.replica.name, limit: key },
      'session is too large to be moved; it stays on its replica',
    );
  }

  #toldMoved(to: Replica): void {
    const loss = this.#loss;
    this.#loss = undefined;
    if (!loss) return;
    const ms = performance.now() - loss.at;
    this.#parts.metrics.sessionMoved('moved', ms / 1000);
    this.#parts.logger.info({ from: loss.from.name, to: to.name, ms: Math.round(ms) }, 'session moved');
  }

  #endIfDrained(): void {
    if (this.#loss || (this.#attempt?.letIn && this.#session.inSegment)) return;
    this.endDrain();
  }

  #end({ frames, error, code, reason }: RelayEnd): void {
    if (this.#ended || this.#gone.signal.aborted) return;
    this.#ended = true;
    if (error) this.#parts.metrics.errorSent(error);
    for (const frame of frames) this.#sender.send(frame, this.#clientGate);
    this.#clientGate.open();
    closeWith(this.#client, code, reason);
  }
}

function isForAnother({ rejection }: Attempt, end: ReplicaConnectionEnd): boolean {
  if (end.kind === 'refused') return false;
  if (rejection || end.kind !== 'closed') return true;
  return goElsewhere.includes(end.code);
}
