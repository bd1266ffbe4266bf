import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import { openingProblem } from '../../base/opening/opening-wait.ts';
import { textOf } from '../../base/ws-data.ts';
import type { Parsed } from '../../protocol/native/parse.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { Dialect, SessionState } from './dialect.ts';
import { errorFrame } from './error-frame.ts';
import { type ClientMessage, subjectOf } from './error-subject.ts';
import { Inbox } from './inbox.ts';
import { inboxLimits } from './inbox-limits.ts';
import { InvalidImage, InvalidOpening, LateOpening } from './invalid-opening.ts';
import { openSession } from './open-session.ts';
import { invalid } from './prompt-errors.ts';
import type { StreamSession } from './stream-session.ts';
import type { StreamParts } from './stream-settings.ts';

interface Message<Frame> {
  /** Its place behind the first frame, from 1. */
  readonly number: number;
  /** Undefined for a binary message. */
  readonly parsed: Parsed<Frame> | undefined;
}

export type ServeConnection = (socket: ClientSocket, parts: StreamParts) => void;

/** Speaks a dialect on each connection that it is given. */
export function speak<State extends SessionState, Frame extends ClientMessage, Init>(
  dialect: Dialect<State, Frame, Init>,
): ServeConnection {
  return (socket, parts) => new Connection(socket, parts, dialect).serve();
}

/** One connection: the first frame, or the lack of one, opens a session; the others steer it, one after the other. */
class Connection<State extends SessionState, Frame extends ClientMessage, Init> {
  readonly #socket: ClientSocket;
  readonly #parts: StreamParts;
  readonly #dialect: Dialect<State, Frame, Init>;
  readonly #inbox: Inbox<Message<Frame>>;
  #session: StreamSession<State, Frame> | undefined;
  #wait: Disposable | undefined;
  #opening = false;
  #messages = 0;
  /** Messages that were answered before there was a session. */
  readonly #answered: number[] = [];

  constructor(socket: ClientSocket, parts: StreamParts, dialect: Dialect<State, Frame, Init>) {
    this.#socket = socket;
    this.#parts = parts;
    this.#dialect = dialect;
    this.#inbox = new Inbox(socket, inboxLimits(parts));
  }

  serve(): void {
    const { greeting, silentInit } = this.#dialect;
    if (greeting) this.#socket.sendFrame(greeting(this.#parts));
    const limits = this.#parts.settings.opening[this.#dialect.name];
    this.#wait = this.#socket.awaitOpening(limits, (late) => {
      if (late === 'silent' && silentInit) void this.#begin(silentInit);
      else this.#refuse(new LateOpening(openingProblem(late, limits)));
    });
    this.#socket.onMessage((data, isBinary) => {
      try {
        this.#take(isBinary ? undefined : textOf(data));
      } catch (error) {
        if (this.#session) this.#session.fail(error);
        else this.#refuse(toFastVideoError(error));
      }
    });
  }

  #take(text: string | undefined): void {
    const parsed = text === undefined ? undefined : this.#dialect.parse(text);
    this.#session?.touch();
    // Nothing that waits to be worked on may hold a client back that leaves.
    if (parsed?.ok && parsed.frame.type === 'leave') {
      if (this.#session) {
        this.#session.leave();
        return;
      }
      if (this.#dialect.leavesUnopened) {
        this.#socket.close(1000, 'leave');
        return;
      }
    }
    if (!this.#opening) {
      void this.#begin(() => this.#dialect.readInit(parsed));
      return;
    }
    this.#messages += 1;
    const number = this.#messages;
    if (!this.#inbox.push({ number, parsed }, text?.length ?? 0)) this.#refuseMessage(number, parsed);
  }

  #refuseMessage(message: number, parsed: Parsed<Frame> | undefined): void {
    const error = invalid('Too many messages are waiting; send it again later.', subjectOf(parsed));
    if (this.#session) {
      this.#session.sendError(error);
      this.#session.done(message);
    } else if (this.#dialect.floodedOpening === 'answer') {
      this.#socket.sendFrame(errorFrame(this.#dialect.told?.(error) ?? error));
      this.#answered.push(message);
    } else {
      // A client has no reason to send so many before it has an answer.
      this.#socket.close(1008, 'too_many_messages');
    }
  }

  /** Never rejects. */
  async #begin(init: () => Init): Promise<void> {
    this.#opening = true;
    this.#wait?.[Symbol.dispose]();
    let session: StreamSession<State, Frame>;
    try {
      session = await openSession(this.#dialect, init(), this.#socket, this.#parts);
    } catch (error) {
      this.#refuse(toFastVideoError(error));
      return;
    }
    this.#session = session;
    for (const message of this.#answered.splice(0)) session.done(message);
    const opened = session.open();
    if (!this.#dialect.steersWhileQueued) await opened;
    this.#inbox.open((message) => steer(session, message));
    await opened;
  }

  #refuse(error: FastVideoError): void {
    if (this.#socket.isOver) return;
    const { metrics, logger } = this.#parts;
    const { code, message, cause, about } = error;
    const told =
      code === 'invalid_message' && error.retryable
        ? new FastVideoError(code, message, { retryable: false, cause, ...(about ? { about } : {}) })
        : error;
    metrics.errorSent(told);
    const bug = error.entry.whose === 'bug' && cause instanceof Error;
    const why =
      cause === undefined ? {} : { cause: errorMessage(cause), ...(bug ? { stack: cause.stack } : {}) };
    logger[bug ? 'error' : 'info']({ code, message, dialect: this.#dialect.name, ...why }, 'session refused');
    this.#socket.sendFrame(errorFrame(this.#dialect.told?.(told) ?? told));
    this.#socket.close(error.entry.closeCode, closeReason(error));
  }
}

/** Never rejects. */
async function steer<State extends SessionState, Frame extends ClientMessage>(
  session: StreamSession<State, Frame>,
  { number, parsed }: Message<Frame>,
): Promise<void> {
  await session.receive(number, subjectOf(parsed), () => {
    if (!parsed) throw invalid('Binary messages are not accepted; send JSON text frames.');
    if (!parsed.ok) throw invalid(`The message is not valid: ${parsed.problem}.`);
    return parsed.frame;
  });
}

function closeReason(error: FastVideoError): string {
  if (error instanceof InvalidImage || error instanceof InvalidOpening) return error.closeReason;
  const { code } = errorFrame(error);
  return code === 'invalid_message' ? 'invalid_init' : code;
}
