import type { RawData } from 'ws';
import type { WireErrorCode } from '../../base/error-table.ts';
import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import { openingProblem } from '../../base/opening/opening-wait.ts';
import type { ClientFrame, SessionInitV2 } from '../../protocol/native/client-frames.ts';
import { type Parsed, parseClientFrame } from '../../protocol/native/parse.ts';
import { type StoredImage, storeInitialImage } from '../../sessions/initial-image.ts';
import { openSession as newSession } from '../../sessions/session.ts';
import { fromCheckpoint, promptsIn, SessionCheckpointSchema } from '../../sessions/session-checkpoint.ts';
import type { ClientSocket } from '../client-socket.ts';
import { loadGivenState, readCheckpoint, sentOfCurrent } from '../given-checkpoint.ts';
import { Inbox } from '../inbox.ts';
import { inboxLimits } from '../inbox-limits.ts';
import { checkOpening, checkRestored, InvalidOpening, readOpening } from './admission.ts';
import { errorFrame } from './error-frame.ts';
import { handleFrame } from './frame-handler.ts';
import { type NativeBeginning, NativeSession } from './native-session.ts';
import { newPromptId } from './prompt-pipeline.ts';
import type { StreamParts } from './stream-settings.ts';

interface Message {
  /** Its place behind the first frame, from 1. */
  readonly number: number;
  /** Undefined for a binary message. */
  readonly parsed: Parsed<ClientFrame> | undefined;
}

/** Speaks the native dialect on one connection: the first frame opens a session, the others steer it. */
export function serveNativeConnection(socket: ClientSocket, parts: StreamParts): void {
  const inbox = new Inbox<Message>(socket, inboxLimits(parts));
  let session: NativeSession | undefined;
  let opening = false;
  let messages = 0;
  const limits = parts.settings.opening;
  const wait = socket.awaitOpening(limits, (late) =>
    refuse(socket, parts, new InvalidOpening('invalid_init', openingProblem(late, limits))),
  );

  socket.onMessage((data, isBinary) => {
    const text = isBinary ? undefined : textOf(data);
    if (!opening) {
      opening = true;
      wait[Symbol.dispose]();
      void begin(text);
      return;
    }
    messages += 1;
    session?.touch();
    const parsed = text === undefined ? undefined : parseClientFrame(text);
    // Nothing that waits to be worked on may hold a client back that leaves.
    if (parsed?.ok && parsed.frame.type === 'leave' && session) {
      session.leave();
      return;
    }
    if (!inbox.push({ number: messages, parsed }, text?.length ?? 0)) refuseMessage(messages);
  });

  function refuseMessage(message: number): void {
    if (!session) {
      // A client has no reason to send so many before it has an answer.
      socket.close(1008, 'too_many_messages');
      return;
    }
    const problem = 'Too many messages are waiting; send it again later.';
    session.sendError(new FastVideoError('invalid_message', problem));
    session.done(message);
  }

  async function begin(first: string | undefined): Promise<void> {
    try {
      session = await openSession(first, socket, parts);
    } catch (error) {
      refuse(socket, parts, toFastVideoError(error));
      return;
    }
    const opened = session;
    if (socket.isOver) {
      opened.clientGone();
      return;
    }
    const ended = opened.open();
    inbox.open((message) => steer(opened, message, parts));
    await ended;
  }
}

/** Throws what the first frame is refused with; nothing is held then. */
async function openSession(
  text: string | undefined,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<NativeSession> {
  const init = readOpening(text);
  const opening = checkOpening(init, parts.settings);
  if (init.checkpoint) return await restoreSession(init, init.checkpoint, socket, parts);
  if (init.resume) return await resumeSession(init, init.resume, socket, parts);
  const admission = parts.sessions.admit();
  let image: StoredImage | undefined;
  try {
    const given = init.continuation_state;
    const continuation = given ? await loadGivenState(given, parts) : null;
    const objection = parts.gate.open
      ? undefined
      : await parts.gate.objection(opening.curatedPrompts, socket.gone);
    if (objection) throw objection;
    if (init.initial_image) image = await storeInitialImage(init.initial_image, parts.images);
    socket.throwIfOver();
    const session = newSession({ ...opening, id: admission.id, continuation });
    return new NativeSession(parts, socket, { ...askedFor(init), admission, session, image });
  } catch (error) {
    admission.release();
    await image?.remove();
    throw error;
  }
}

/** The session goes on from what another replica has told of it. */
async function restoreSession(
  init: SessionInitV2,
  members: NonNullable<SessionInitV2['checkpoint']>,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<NativeSession> {
  const { settings, gate } = parts;
  const checkpoint = readCheckpoint(SessionCheckpointSchema, members);
  checkRestored(checkpoint, settings);
  const admission = parts.sessions.admit();
  let image: StoredImage | undefined;
  try {
    const given = checkpoint.continuation;
    const continuation = given ? await loadGivenState(given, parts) : null;
    const session = fromCheckpoint(checkpoint, { id: admission.id, continuation, newPromptId });
    const objection = gate.open ? undefined : await gate.objection(promptsIn(session), socket.gone);
    if (objection) throw objection;
    if (init.initial_image) image = await storeInitialImage(init.initial_image, parts.images);
    socket.throwIfOver();
    const alreadySent = sentOfCurrent(init.already_sent, session.current?.segmentIdx, settings);
    const restored = { begun: checkpoint.begun, alreadySent };
    return new NativeSession(parts, socket, { ...askedFor(init), admission, session, image, restored });
  } catch (error) {
    admission.release();
    await image?.remove();
    throw error;
  }
}

function askedFor(init: SessionInitV2): Pick<NativeBeginning, 'checkpoints' | 'finalState'> {
  return { checkpoints: init.checkpoints ?? false, finalState: init.final_state ?? false };
}

/** Every refusal reads the same: it tells nobody which sessions there are. */
async function resumeSession(
  init: SessionInitV2,
  resume: NonNullable<SessionInitV2['resume']>,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<NativeSession> {
  const { session_id: id, resume_token: token } = resume;
  const { sessions, resumable } = parts;
  // The old connection may be dead without anybody knowing; whoever has the token takes the session over.
  const living = sessions.find(id);
  sessions.refuseWhileDraining();
  let admission = living ? undefined : sessions.admit(id);
  try {
    const taken = await resumable.take(id, token);
    if (!taken) throw new FastVideoError('session_rejected', 'The session cannot be resumed.');
    admission ??= sessions.takeOver(id);
    // What lives is fresher than what was written.
    const session = living ? await living.supersede() : taken.session;
    return new NativeSession(parts, socket, {
      ...askedFor(init),
      admission,
      session,
      image: undefined,
      resumedFrom: taken.blobIds,
    });
  } catch (error) {
    admission?.release();
    throw error;
  }
}

/** Never rejects: what goes wrong is told, and the session goes on. */
async function steer(session: NativeSession, { number, parsed }: Message, parts: StreamParts): Promise<void> {
  try {
    if (!parsed) {
      throw new FastVideoError('invalid_message', 'Binary messages are not accepted; send JSON text frames.');
    }
    if (!parsed.ok)
      throw new FastVideoError('invalid_message', `The message is not valid: ${parsed.problem}.`);
    const later = handleFrame(session, parsed.frame, parts);
    if (later) (await later)();
    session.done(number);
  } catch (error) {
    // A session that is over has nothing to change any more.
    if (session.over.aborted) return;
    session.sendError(frameError(session, error, parts));
    session.done(number);
  }
}

function frameError(session: NativeSession, error: unknown, { logger }: StreamParts): FastVideoError {
  const known = toFastVideoError(error);
  if (known.entry.whose === 'bug' && known.cause !== undefined) {
    logger.error(
      { session_id: session.id, error: errorMessage(known.cause), stack: stackOf(known.cause) },
      'frame failed',
    );
  }
  return known;
}

function refuse(socket: ClientSocket, parts: StreamParts, error: FastVideoError): void {
  if (socket.isOver) return;
  const told = error.code === 'invalid_message' ? withRetryable(error, false) : error;
  parts.metrics.errorSent(told);
  const cause = error.cause === undefined ? {} : { cause: errorMessage(error.cause) };
  parts.logger.info({ code: told.code, message: told.message, ...cause }, 'session refused');
  const frame = errorFrame(told);
  socket.sendFrame(frame);
  const reason = error instanceof InvalidOpening ? error.closeReason : defaultReason(frame.code);
  socket.close(error.entry.closeCode, reason);
}

function defaultReason(code: WireErrorCode): string {
  return code === 'invalid_message' ? 'invalid_init' : code;
}

function withRetryable(error: FastVideoError, retryable: boolean): FastVideoError {
  return new FastVideoError(error.code, error.message, { retryable, cause: error.cause });
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString('utf8');
  return data.toString('utf8');
}
