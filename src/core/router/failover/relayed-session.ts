import type { ReadGate } from '../../base/read-gate.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import { type Message, payloadOf } from '../wire/message.ts';
import type { SessionKey } from '../wire/replica-frames.ts';
import { type Acknowledged, CheckpointCache } from './checkpoint-cache.ts';
import { ClientScript, messageOverhead } from './client-script.ts';
import type { FailoverBudget, Keeper } from './failover-budget.ts';
import { frameType } from './frame-type.ts';
import { mentions, withMembers } from './opening-message.ts';
import { OwedAnswers } from './owed-answers.ts';
import { SegmentWatch } from './segment-watch.ts';
import { unmadeRequests } from './unmade-requests.ts';

export interface RelayedSessionOptions {
  readonly dialect: 'native' | 'project';
  readonly client: ReadGate;
  /** Bytes of the client's messages that may wait for a replica. */
  readonly scriptBytes: number;
  /** Bytes of the session that may be kept for a move; 0: it is not moved. */
  readonly keptBytes: number;
  /** Counts what all sessions keep. */
  readonly budget: FailoverBudget;
  /** What was kept for a move is more than may be kept, of this session or of all: it goes on, and is not moved. */
  readonly onDropped: (limit: DropLimit) => void;
}

export type DropLimit = 'session' | 'total';

/** Names of members of the first frame that routers write. */
const betweenServers = ['checkpoint', 'already_sent'];

/** Close codes of a replica that goes away. */
const goingAway = [1001, 1012];
/** Frames of an opening that a client has had already. */
const openingTypes = ['queue_status', 'gpu_assigned'];
/** After these the session is over, whatever becomes of the connection. */
const lastTypes = { native: ['ltx2_stream_complete', 'session_timeout'], project: ['session_timeout'] };

/** One client's session: what it takes to open it on another replica, and what the client has of it. */
export class RelayedSession implements Keeper {
  readonly script: ClientScript;
  readonly owed: OwedAnswers;
  readonly #options: RelayedSessionOptions;
  readonly #watch = new SegmentWatch();
  readonly #cache: CheckpointCache | undefined;
  /** Frames whose checkpoint waits for further ones. */
  readonly #group: Message[] = [];
  #groupBytes = 0;
  #mediaInit: Message | undefined;
  /** Whether a replica has the session. */
  #has = false;
  /** Whether it is being moved. */
  #moves = false;
  /** Whether it is known that the session is not moved. */
  #isDropped = false;
  #wentOn = false;
  #streamStarted = false;
  #over = false;

  constructor(options: RelayedSessionOptions) {
    const { client, scriptBytes, keptBytes } = options;
    this.#options = options;
    this.script = new ClientScript(client, scriptBytes);
    this.owed = new OwedAnswers(options.dialect);
    this.#cache = keptBytes > 0 ? new CheckpointCache(keptBytes) : undefined;
  }

  /** Bytes kept for another replica. */
  get keptBytes(): number {
    return (this.#cache?.bytes ?? 0) + this.#groupBytes + this.script.keptBytes;
  }

  get canGiveUp(): boolean {
    return !this.#moves;
  }

  /** The sessions keep too much together, and this one the most. */
  giveUp(): void {
    this.#dropped('total');
    this.#cache?.close();
    this.#spare();
  }

  /** Whether a segment is on its way to the client. */
  get inSegment(): boolean {
    return this.#watch.sent !== undefined;
  }

  /** What the client has asked for and not got, as far as the replica tells what a session is. */
  get unmade(): { readonly segmentIdx: number | undefined; readonly prompts: readonly string[] } {
    const segmentIdx = this.#watch.sent?.segment_idx;
    return { segmentIdx, prompts: unmadeRequests(this.#cache?.member('waiting'), this.script.rest) };
  }

  /** Whether the client has got anything more over the present connection. */
  get wentOn(): boolean {
    return this.#wentOn;
  }

  /** Whether the client was told that the session is over. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Whether another replica can go on where this end of a connection has left the session. */
  canMove(end: ReplicaConnectionEnd): boolean {
    if (this.#over || !this.isKept) return false;
    return end.kind === 'lost' || (end.kind === 'closed' && goingAway.includes(end.code));
  }

  /** Whether there is all that another replica needs. */
  get isKept(): boolean {
    return this.#cache?.complete === true && this.script.isKept;
  }

  /**
   * What a replica is sent first; undefined while the client has said nothing.
   *
   * @param resume - the session that the client comes back to, under the name that its replica knows it by
   */
  openingMessage(resume?: SessionKey): Message | undefined {
    const { opening } = this.script;
    if (!opening) return opening;
    return withMembers(opening, {
      // These are between router and replica: a client has none of its own.
      ...(mentions(opening, betweenServers)
        ? { checkpoints: 'null', checkpoint: 'null', already_sent: 'null' }
        : {}),
      ...(this.#cache ? { checkpoints: 'true' } : {}),
      ...(resume
        ? { resume: JSON.stringify({ session_id: resume.sessionId, resume_token: resume.token }) }
        : {}),
    });
  }

  /** What the next replica is sent first. */
  movingMessage(): Message | undefined {
    const { opening } = this.script;
    if (!opening || !this.#cache) return opening;
    const { sent } = this.#watch;
    return withMembers(opening, {
      checkpoints: 'true',
      checkpoint: this.#cache.toJson(),
      // These are newer than what the client came with.
      already_sent: JSON.stringify(sent ?? null),
      resume: 'null',
      continuation_state: 'null',
    });
  }

  /** A connection to a replica begins. */
  legBegins(): void {
    this.#wentOn = false;
    this.script.again();
    this.#watch.continued();
  }

  connectionEnded(): void {
    this.#moves ||= this.#has;
    this.#has = false;
    this.script.departed();
    this.#cache?.connectionEnded();
    this.#mediaInit = undefined;
    this.#group.length = 0;
    this.#groupBytes = 0;
    this.#account();
  }

  /** The session has its worker: what the client has said is kept only where that can be of use. */
  letIn(): void {
    this.#moves = false;
    if (this.#cache?.isTold) {
      this.#has = true;
      this.script.arrived();
      this.#spare();
    } else this.end();
  }

  /** The client has said something. */
  onClientMessage(message: Message): void {
    this.script.keep(message);
    this.owed.onClientMessage(message);
    this.#spare();
  }

  /**
   * A message of the replica has come: gives those that are to be dealt with now; undefined when it breaks the protocol.
   * A `media_init` waits for its initialization segment: a client that had one without the other would be told of it
   * twice.
   */
  released(type: string | undefined, message: Message): readonly Message[] | undefined {
    const released = this.#grouped(type, message);
    if (!released || released.length === 0) return released;
    const all = this.#mediaInit ? [this.#mediaInit, ...released] : released;
    const last = all.at(-1);
    const waits = this.isKept && last?.isBinary === false && frameType(last.data) === 'media_init';
    this.#mediaInit = waits ? last : undefined;
    return waits ? all.slice(0, -1) : all;
  }

  /**
   * Frames that belong to a checkpoint wait for the last of them, so that a connection that breaks in between takes all
   * of them with it or none.
   */
  #grouped(type: string | undefined, message: Message): readonly Message[] | undefined {
    const cache = this.#cache;
    const isCheckpoint = type === 'session_checkpoint';
    // Those of a cache that was closed in between go first.
    if (!isCheckpoint && !cache?.waitsForFrames) return [...this.#releasedGroup(), message];
    if (isCheckpoint) {
      const settled = cache ? cache.take(message) : [];
      if (!settled) return undefined;
      this.#acknowledge(settled);
    } else {
      this.#group.push(message);
      this.#groupBytes += payloadOf(message).length + messageOverhead;
      if (cache && !message.isBinary) this.#acknowledge(cache.frameCame());
    }
    this.#spare();
    return this.#releasedGroup();
  }

  /** The session is not moved, and nothing is kept for that. */
  end(): void {
    this.#isDropped = true;
    this.#cache?.close();
    this.script.end();
    this.#options.budget.keeps(this, 0);
  }

  /** Whether the client has had this frame of an opening from the replica before. */
  isKnown(type: string | undefined): boolean {
    if (type === undefined) return false;
    const startsAgain = type === 'ltx2_stream_start' && this.#options.dialect === 'native';
    return openingTypes.includes(type) || (startsAgain && this.#streamStarted);
  }

  /** A message has gone to the client. */
  passed(type: string | undefined, message: Message): void {
    this.owed.heard(message);
    if (!message.isBinary) this.#note(type, message);
    else if (this.#watch.passedBinary(message)) this.#wentOn = true;
  }

  #releasedGroup(): readonly Message[] {
    if (this.#cache?.waitsForFrames || this.#group.length === 0) return [];
    this.#groupBytes = 0;
    this.#account();
    return this.#group.splice(0);
  }

  #note(type: string | undefined, message: Message): void {
    this.#watch.passedText(type, message);
    // Each replica begins the media that remains with an initialization segment of its own.
    if (type !== 'media_init') this.#wentOn = true;
    if (type === undefined) return;
    if (type === 'ltx2_stream_start') this.#streamStarted = true;
    if (lastTypes[this.#options.dialect].includes(type)) this.#over = true;
  }

  #acknowledge(all: readonly Acknowledged[]): void {
    for (const acknowledged of all) {
      this.script.acknowledge(acknowledged);
      if (acknowledged.idle) this.#watch.ended();
    }
  }

  /** A session that is more than may be kept is not moved. Until a replica has it, its opening is needed all the same. */
  #spare(): void {
    if (this.keptBytes > this.#options.keptBytes) this.#cache?.close();
    if (this.#cache?.isClosed) this.#dropped('session');
    if (this.#has && this.#cache?.isClosed) this.end();
    else this.#account();
  }

  #dropped(limit: DropLimit): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#options.onDropped(limit);
  }

  #account(): void {
    this.#options.budget.keeps(this, this.#cache?.isClosed === false ? this.keptBytes : 0);
  }
}
