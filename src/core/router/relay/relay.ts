import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Logger } from '../../base/log.ts';
import { nativeSeconds, openingLimits } from '../../base/opening/opening-limits.ts';
import type { OpeningLate, OpeningLimits } from '../../base/opening/opening-wait.ts';
import type { SessionAffinity } from '../affinity/session-affinity.ts';
import type { FailoverBudget } from '../failover/failover-budget.ts';
import { MovePace } from '../failover/move-pace.ts';
import { type DropLimit, RelayedSession } from '../failover/relayed-session.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import type { CurrentSettings, RouterSettings } from '../settings.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import type { Message } from '../wire/message.ts';
import { type SessionKey, sessionToResume } from '../wire/replica-frames.ts';
import { Attempt } from './attempt.ts';
import { ClientConnection } from './client-connection.ts';
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
import { ReplicaSearch } from './replica-search.ts';

export interface RelayParts {
  readonly settings: CurrentSettings;
  readonly registry: ReplicaRegistry;
  readonly affinity: SessionAffinity;
  readonly metrics: RouterMetrics;
  readonly budget: FailoverBudget;
  readonly logger: Logger;
}

/** An opening that was lost with its replica may have been why: it is tried once more, and never a third time. */
const mostLostInFlight = 1;

/** A session without a replica. */
interface Loss {
  readonly at: number;
  readonly from: Replica;
}

/**
 * One client's connection and the connections that serve it, one at a time: it chooses a replica, tries the next one as
 * long as none has let the session in, and moves the session when its replica goes away. What is said on each of these
 * connections is passed on by an {@link Attempt}.
 */
export class Relay {
  readonly #client: ClientConnection;
  readonly #request: ClientRequest;
  readonly #parts: RelayParts;
  /** Those of the start: a reload is for connections to come. */
  readonly #settings: RouterSettings;
  readonly #session: RelayedSession;
  readonly #pace: MovePace;
  #attempt: Attempt | undefined;
  /** The session as the client knows it, and as the replica does that it comes back to. */
  #clientKey: SessionKey | undefined;
  #resumeAs: SessionKey | undefined;
  #loss: Loss | undefined;
  #draining = false;

  /** `stream`: what the client's connection was upgraded from. */
  constructor(client: WebSocket, stream: Duplex, request: ClientRequest, parts: RelayParts) {
    this.#request = request;
    this.#parts = parts;
    this.#settings = parts.settings();
    const { buffer_bytes: bufferBytes, failover_seconds: failoverSeconds } = this.#settings;
    this.#client = new ClientConnection(client, stream, {
      settings: this.#settings,
      metrics: parts.metrics,
      logger: parts.logger,
      onMessage: (message) => this.#fromClient(message),
      onClose: (code, reason) => {
        this.#session.end();
        this.#attempt?.connection.close(code, reason);
      },
    });
    this.#session = new RelayedSession({
      dialect: request.dialect,
      client: this.#client.gate,
      scriptBytes: bufferBytes,
      keptBytes: this.#settings.failover === 'transparent' ? this.#settings.failover_bytes : 0,
      budget: parts.budget,
      onDropped: (limit) => this.#notMoved(limit),
    });
    this.#pace = new MovePace(failoverSeconds * 1000);
  }

  /** Bytes held for either side. */
  get bufferedBytes(): number {
    const { unsentBytes = 0 } = this.#attempt?.connection.sender ?? {};
    return this.#client.sender.unsentBytes + unsentBytes + this.#session.script.waitingBytes;
  }

  /** Serves the client to the end of its connection's session. */
  async run(): Promise<void> {
    // Nothing that the client says could change that.
    if (this.#settings.wait_seconds === 0 && this.#parts.registry.isDown) {
      this.#client.end(noHealthyReplica);
      return;
    }
    const limits = openingLimits(this.#settings, nativeSeconds)[this.#request.dialect];
    const opening = await this.#firstWord(limits);
    if (this.#gone.aborted) return;
    if (typeof opening === 'string') this.#client.end(lateClient(opening, limits));
    else this.#client.end(await this.#serve(opening && sessionToResume(opening)));
  }

  /** The router stops: the session ends when its running segment has. */
  drain(): void {
    this.#draining = true;
    this.#endIfDrained();
  }

  /** The time for that is over. */
  endDrain(): void {
    const isOpen = this.#attempt?.isLetIn || this.#loss;
    this.#client.end(isOpen ? drainedAfter(this.#request.dialect, this.#session.unmade) : drainedBefore);
  }

  /** Ends the connection from this side. */
  close(code: number, reason: string): void {
    this.#client.end({ frames: [], code, reason });
  }

  /** Cuts both sides off. */
  cut(): void {
    this.#client.cut();
    this.#attempt?.connection.cut();
  }

  get #gone(): AbortSignal {
    return this.#client.gone;
  }

  /** A client of the project dialect may wait for the server's first frame: there a replica is chosen at once. */
  async #firstWord(limits: OpeningLimits): Promise<OpeningLate | Message | undefined> {
    const { opened } = this.#session.script;
    const { source } = this.#client;
    if (this.#request.dialect === 'native') return await firstMessage(source, opened, limits, this.#gone);
    signWhileReceiving(source, opened, this.#gone, () => this.#attempt?.connection.signReceiving());
    return undefined;
  }

  async #serve(resumes: SessionKey | undefined): Promise<RelayEnd> {
    const place = resumes && (await this.#parts.affinity.find(resumes));
    this.#resumeAs = place?.key;
    const first = await this.#open(place?.url, resumes !== undefined);
    if ('frames' in first) return first;
    let { replica, end } = first;
    while (this.#session.canMove(end) && !this.#gone.aborted) {
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
      if (attempt.isLetIn) return { replica, end };
      if (!attempt.isForAnother(end)) return endingOf(end);
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
    const waitMs = await this.#pace.pause(this.#gone);
    using search = this.#search({ waitMs: waitMs ?? 0, leaveOut: from });
    const next = async () => (waitMs === undefined ? undefined : await search.next());
    let lostInFlight = 0;
    for (let replica = await next(); replica; replica = await next()) {
      const { attempt, end } = await this.#try(replica, true);
      if (attempt.letInAt !== undefined) {
        this.#pace.took(attempt.letInAt - at);
        this.#pace.lostAgain(performance.now() - attempt.letInAt, this.#session.wentOn);
        return { replica, end };
      }
      if (end.kind === 'lost' && !attempt.rejection) lostInFlight += 1;
      if (!this.#session.isKept || lostInFlight > mostLostInFlight) break;
      if (!attempt.isForAnother(end)) {
        logger.error({ replica: replica.name, end }, 'replica refused a session that was moved');
        break;
      }
    }
    this.#loss = undefined;
    if (!this.#gone.aborted) metrics.sessionMoved('failed', undefined);
    return undefined;
  }

  #search(options: { waitMs: number; prefer?: string | undefined; leaveOut?: Replica }): ReplicaSearch {
    return new ReplicaSearch(this.#parts.registry, { ...options, over: this.#gone });
  }

  /** One connection, from its start to its end. */
  async #try(replica: Replica, moving: boolean): Promise<{ attempt: Attempt; end: ReplicaConnectionEnd }> {
    const { registry, metrics, logger } = this.#parts;
    using attempt = new Attempt({
      replica,
      client: this.#client,
      session: this.#session,
      request: this.#request,
      settings: this.#settings,
      metrics,
      logger,
      moving,
      resumeAs: this.#resumeAs,
      onLetIn: (key) => this.#letIn(replica, moving, key),
      onForwarded: () => this.#draining && this.#endIfDrained(),
    });
    const { connection } = attempt;
    this.#attempt = attempt;
    this.#session.legBegins();
    replica.sessionBegins(connection);
    const end = await connection.ended;
    this.#attempt = undefined;
    this.#session.connectionEnded();
    replica.sessionEnded(connection, attempt.isLetIn);
    // Not for one that was not let in: those that wait would wake each other for ever.
    if (attempt.isLetIn) registry.placeFreed();
    if (this.#gone.aborted) return { attempt, end };
    metrics.connectionEnded(replica.name, attempt.rejection ? 'rejected' : end.kind);
    if (end.kind === 'unreachable' || end.kind === 'lost') registry.sessionFailed(replica, end.reason);
    logger.debug({ replica: replica.name, let_in: attempt.isLetIn, end }, 'connection to a replica ended');
    return { attempt, end };
  }

  #fromClient(message: Message): void {
    const isOpening = this.#session.script.isUnopened;
    this.#session.onClientMessage(message);
    this.#attempt?.fromClient(message, isOpening);
  }

  #letIn(replica: Replica, moved: boolean, key: SessionKey | undefined): void {
    if (!moved) this.#clientKey = key;
    if (key) this.#parts.affinity.remember(this.#clientKey ?? key, key, replica.url);
    if (moved) this.#toldMoved(replica);
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
    if (this.#loss || (this.#attempt?.isLetIn && this.#session.inSegment)) return;
    this.endDrain();
  }
}
