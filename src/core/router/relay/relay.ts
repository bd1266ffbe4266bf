import type { WebSocket } from 'ws';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';
import type { SessionPlaces } from '../replicas/session-places.ts';
import type { CurrentSettings, RouterSettings } from '../settings.ts';
import { timeLimit } from '../time-limit.ts';
import type { ClientRequest } from './client-request.ts';
import { closeWith } from './close-code.ts';
import { type Ending, endingOf, noHealthyReplica, rejectedWith, silentClient } from './ending.ts';
import { Intake } from './intake.ts';
import { KeepAlive } from './keep-alive.ts';
import { Leg, type LegEnd } from './leg.ts';
import { type Message, messageOf } from './message.ts';
import { Opening } from './opening.ts';
import { Outlet } from './outlet.ts';
import { readReplicaFrame, sessionToResume } from './replica-frames.ts';

export interface RelayParts {
  readonly settings: CurrentSettings;
  readonly registry: ReplicaRegistry;
  readonly places: SessionPlaces;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
}

/** Close codes of a replica that goes away or takes nobody: before the session is let in, another is tried. */
const goElsewhere = [1001, 1012, 1013];

/**
 * One client's connection and the legs that serve it, one at a time: it chooses a replica, passes everything on both
 * ways, and tries the next replica as long as none has let the session in.
 */
export class Relay {
  readonly #client: WebSocket;
  readonly #request: ClientRequest;
  readonly #parts: RelayParts;
  /** Those of the start: a reload is for connections to come. */
  readonly #settings: RouterSettings;
  readonly #intake: Intake;
  readonly #outlet: Outlet;
  readonly #gone = new AbortController();
  /** Undefined once a replica has let the session in. */
  #opening: Opening | undefined;
  #rejection: Message | undefined;
  #leg: Leg | undefined;

  constructor(client: WebSocket, request: ClientRequest, parts: RelayParts) {
    this.#client = client;
    this.#request = request;
    this.#parts = parts;
    this.#settings = parts.settings();
    const { buffer_bytes: bufferBytes, ping_interval_seconds: pingSeconds } = this.#settings;
    const keepAlive = new KeepAlive(client, pingSeconds * 1000);
    this.#intake = new Intake(client);
    this.#outlet = new Outlet(client, {
      limitBytes: bufferBytes,
      onSent: (bytes) => {
        keepAlive.alive();
        parts.metrics.toClients.inc(bytes);
      },
    });
    this.#opening = new Opening(this.#intake, bufferBytes);
    client.on('message', (data, isBinary) => this.#fromClient(messageOf(data, isBinary)));
    client.on('error', (error) => parts.logger.debug({ error: errorMessage(error) }, 'client socket failed'));
    client.on('close', (code, reason) => {
      this.#gone.abort();
      this.#leg?.close(code, reason.toString());
    });
  }

  /** Bytes held for either side. */
  get bufferedBytes(): number {
    const { unsentBytes = 0 } = this.#leg?.outlet ?? {};
    return this.#outlet.unsentBytes + unsentBytes + (this.#opening?.bytes ?? 0);
  }

  /** Serves the client to the end of its connection's session. */
  async run(): Promise<void> {
    const resumed = await this.#sessionToResume();
    if (this.#gone.signal.aborted) return;
    if (resumed === 'silent') this.#end(silentClient(this.#settings.init_timeout_seconds));
    else this.#end(await this.#serve(resumed.sessionId));
  }

  /** Ends the connection from this side. */
  close(code: number, reason: string): void {
    this.#end({ code, reason });
  }

  /** A client of the project dialect may wait for the server's first frame: there a replica is chosen at once. */
  async #sessionToResume(): Promise<'silent' | { readonly sessionId: string | undefined }> {
    const opening = this.#opening;
    if (this.#request.dialect === 'project' || !opening) return { sessionId: undefined };
    using limit = timeLimit(this.#settings.init_timeout_seconds * 1000, this.#gone.signal);
    const first = await Promise.race([opening.first, aborted(limit.signal)]);
    return first === undefined ? 'silent' : { sessionId: sessionToResume(first) };
  }

  async #serve(sessionId: string | undefined): Promise<Ending> {
    const { registry, places } = this.#parts;
    const tried = new Set<Replica>();
    const prefer = sessionId === undefined ? undefined : places.get(sessionId);
    using patience = timeLimit(this.#settings.wait_seconds * 1000, this.#gone.signal);
    let rejection: Ending | undefined;
    while (!this.#gone.signal.aborted) {
      const replica = registry.choose({ tried, prefer });
      if (replica) {
        tried.add(replica);
        const end = await this.#attempt(replica);
        if (!this.#isForAnother(end)) return endingOf(end);
        // The first answer counts: to a resume that is the one of the replica that held the session.
        if (this.#rejection) rejection ??= rejectedWith(this.#rejection, end);
      } else if (await registry.change(patience.signal)) {
        tried.clear();
      } else break;
    }
    return rejection ?? noHealthyReplica;
  }

  /** One leg, from its start to its end. */
  async #attempt(replica: Replica): Promise<LegEnd> {
    const { registry, metrics, logger } = this.#parts;
    const settings = this.#settings;
    const leg: Leg = new Leg({
      url: replica.url,
      target: this.#request.target,
      headers: this.#request.headers,
      protocol: this.#client.protocol,
      connectTimeoutMs: settings.connect_timeout_seconds * 1000,
      maxMessageBytes: settings.max_message_bytes,
      bufferBytes: settings.buffer_bytes,
      pingIntervalMs: settings.ping_interval_seconds * 1000,
      onOpen: () => {
        for (const message of this.#opening?.messages ?? []) leg.outlet.send(message, this.#intake);
      },
      onMessage: (message) => this.#fromReplica(replica, leg, message),
      onSent: (bytes) => metrics.toReplicas.inc(bytes),
    });
    this.#leg = leg;
    this.#rejection = undefined;
    replica.sessionBegins();
    const end = await leg.ended;
    this.#leg = undefined;
    const letIn = this.#opening === undefined;
    replica.sessionEnded(letIn);
    // Not for one that was not let in: those that wait would wake each other for ever.
    if (letIn) registry.placeFreed();
    if (this.#gone.signal.aborted) return end;
    metrics.legEnded(replica.name, this.#rejection ? 'rejected' : end.kind);
    if (end.kind === 'unreachable' || end.kind === 'lost') registry.sessionFailed(replica, end.reason);
    logger.debug({ replica: replica.name, let_in: letIn, end }, 'connection to a replica ended');
    return end;
  }

  #isForAnother(end: LegEnd): boolean {
    if (!this.#opening || end.kind === 'refused') return false;
    if (this.#rejection || end.kind !== 'closed') return true;
    return goElsewhere.includes(end.code);
  }

  #fromClient(message: Message): void {
    this.#opening?.keep(message);
    if (this.#leg?.isOpen) this.#leg.outlet.send(message, this.#intake);
  }

  #fromReplica(replica: Replica, leg: Leg, message: Message): void {
    if (this.#opening) {
      const frame = readReplicaFrame(message);
      if (frame.kind === 'rejection') {
        this.#rejection = message;
        return;
      }
      if (frame.kind === 'other') this.#letIn(replica, leg, frame.sessionId);
    }
    this.#outlet.send(message, leg.intake);
  }

  #letIn(replica: Replica, leg: Leg, sessionId: string | undefined): void {
    replica.sessionLetIn();
    if (sessionId !== undefined) this.#parts.places.set(sessionId, replica.url);
    this.#opening?.end();
    this.#opening = undefined;
    // It went on after all.
    if (this.#rejection) this.#outlet.send(this.#rejection, leg.intake);
    this.#rejection = undefined;
  }

  #end({ frame, error, code, reason }: Ending): void {
    if (this.#gone.signal.aborted) return;
    if (error) this.#parts.metrics.errorSent(error);
    if (frame) this.#outlet.send(frame, this.#intake);
    this.#intake.open();
    closeWith(this.#client, code, reason);
  }
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
