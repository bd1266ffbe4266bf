import type { RawData } from 'ws';
import { errorMessage, FastVideoError, toFastVideoError } from '../../base/errors.ts';
import { openingProblem } from '../../base/opening/opening-wait.ts';
import type { Parsed } from '../../protocol/native/parse.ts';
import type { ProjectClientFrame, ProjectInit } from '../../protocol/project/client-frames.ts';
import { parseProjectClientFrame } from '../../protocol/project/parse.ts';
import {
  fromProjectCheckpoint,
  ProjectCheckpointSchema,
  promptsInProject,
} from '../../sessions/project/project-checkpoint.ts';
import { openProjectSession } from '../../sessions/project/project-state.ts';
import type { ClientSocket } from '../client-socket.ts';
import { loadGivenState, readCheckpoint, sentOfCurrent } from '../given-checkpoint.ts';
import { Inbox } from '../inbox.ts';
import { inboxLimits } from '../inbox-limits.ts';
import { InvalidOpening } from '../native/admission.ts';
import { errorFrame } from '../native/error-frame.ts';
import type { StreamParts } from '../native/stream-settings.ts';
import { handleProjectFrame, newPromptKey } from './frame-handler.ts';
import {
  checkRestored,
  emptyInit,
  type GivenImage,
  InvalidImage,
  promptsOf,
  readImage,
  readInit,
  readOpening,
} from './opening.ts';
import { invalid } from './project-error.ts';
import { ProjectSession } from './project-session.ts';
import { queueFrame } from './queue-frame.ts';

interface Message {
  /** Its place behind the first frame, from 1. */
  readonly number: number;
  /** Undefined for a binary message. */
  readonly parsed: Parsed<ProjectClientFrame> | undefined;
}

/** Speaks the project dialect on one connection: the first frame, or the lack of one, opens a session. */
export function serveProjectConnection(socket: ClientSocket, parts: StreamParts): void {
  const inbox = new Inbox<Message>(socket, inboxLimits(parts));
  let session: ProjectSession | undefined;
  let opening = false;
  let messages = 0;
  /** Messages that were answered before there was a session. */
  const answered: number[] = [];
  socket.sendFrame(queueFrame(parts.pool));
  const limits = parts.settings.opening;
  const wait = socket.awaitOpening(limits, (late) => {
    if (late === 'silent') void begin(emptyInit);
    else refuse(socket, parts, new InvalidOpening('invalid_init', openingProblem(late, limits)));
  });

  socket.onMessage((data, isBinary) => {
    const text = isBinary ? undefined : textOf(data);
    const parsed = text === undefined ? undefined : parseProjectClientFrame(text);
    session?.touch();
    // Nothing that waits to be worked on may hold a client back that leaves.
    if (parsed?.ok && parsed.frame.type === 'leave') {
      if (session) session.leave();
      else socket.close(1000, 'leave');
      return;
    }
    if (!opening) {
      void begin(() => readInit(parsed));
      return;
    }
    messages += 1;
    if (!inbox.push({ number: messages, parsed }, text?.length ?? 0)) refuseMessage(messages);
  });

  function refuseMessage(message: number): void {
    const frame = errorFrame(invalid('Too many messages are waiting; send it again later.'));
    if (session) {
      session.send(frame);
      session.done(message);
    } else {
      socket.sendFrame(frame);
      answered.push(message);
    }
  }

  async function begin(init: () => ProjectInit): Promise<void> {
    opening = true;
    wait[Symbol.dispose]();
    try {
      session = await openSession(init(), socket, parts);
    } catch (error) {
      refuse(socket, parts, toFastVideoError(error));
      return;
    }
    const opened = session;
    for (const message of answered.splice(0)) opened.done(message);
    await opened.open();
    inbox.open((message) => steer(opened, message, parts));
  }
}

/** Throws what the first frame is refused with; nothing is held then. */
async function openSession(
  init: ProjectInit,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<ProjectSession> {
  const opening = readOpening(init, parts.settings);
  if (init.checkpoint) return await restoreSession(init, init.checkpoint, socket, parts);
  const admission = parts.sessions.admit();
  let image: GivenImage | undefined;
  try {
    const objection = parts.gate.open
      ? undefined
      : await parts.gate.objection(promptsOf(opening), socket.gone);
    if (objection) throw objection;
    image = await readImage(init.initial_image, parts.images);
    socket.throwIfOver();
    const state = openProjectSession(opening);
    const checkpoints = init.checkpoints ?? false;
    return new ProjectSession(parts, { socket, admission, state, image, checkpoints });
  } catch (error) {
    admission.release();
    await image?.stored.remove();
    throw error;
  }
}

/** The session goes on from what another replica has told of it. */
async function restoreSession(
  init: ProjectInit,
  members: NonNullable<ProjectInit['checkpoint']>,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<ProjectSession> {
  const { settings, gate } = parts;
  const checkpoint = readCheckpoint(ProjectCheckpointSchema, members);
  checkRestored(checkpoint, settings);
  const admission = parts.sessions.admit();
  let image: GivenImage | undefined;
  try {
    const given = checkpoint.continuation;
    const continuation = given ? await loadGivenState(given, parts) : null;
    const state = fromProjectCheckpoint(checkpoint, { continuation, newPromptKey });
    const objection = gate.open ? undefined : await gate.objection(promptsInProject(state), socket.gone);
    if (objection) throw objection;
    const { picture } = checkpoint;
    image = await readImage(picture === 'opening' ? init.initial_image : picture, parts.images);
    socket.throwIfOver();
    const { begun, stream_id: streamId, segment_told: segmentTold } = checkpoint;
    const alreadySent = sentOfCurrent(init.already_sent, state.current?.segmentIdx, settings);
    const restored = { begun, streamId, segmentTold, picture, alreadySent };
    const checkpoints = init.checkpoints ?? false;
    return new ProjectSession(parts, { socket, admission, state, image, checkpoints, restored });
  } catch (error) {
    admission.release();
    await image?.stored.remove();
    throw error;
  }
}

/** Never rejects: what goes wrong is told, and the session goes on. */
async function steer(
  session: ProjectSession,
  { number, parsed }: Message,
  parts: StreamParts,
): Promise<void> {
  if (session.over.aborted) return;
  try {
    if (!parsed) throw invalid('Binary messages are not accepted; send JSON text frames.');
    if (!parsed.ok) throw invalid(`The message is not valid: ${parsed.problem}.`);
    const effect = await handleProjectFrame(session, parsed.frame, parts);
    if (session.over.aborted) return;
    effect();
    session.done(number);
  } catch (error) {
    if (session.over.aborted) return;
    const known = toFastVideoError(error);
    if (known.entry.whose === 'bug' && known.cause !== undefined) {
      const fields = { session_id: session.id, error: errorMessage(known.cause) };
      parts.logger.error(fields, 'frame failed');
    }
    session.sendError(known);
    session.done(number);
  }
}

function refuse(socket: ClientSocket, parts: StreamParts, error: FastVideoError): void {
  if (socket.isOver) return;
  const told =
    error.code === 'invalid_message'
      ? new FastVideoError(error.code, error.message, { retryable: false, cause: error })
      : error;
  parts.metrics.errorSent(told);
  const cause = error.cause === undefined ? {} : { cause: errorMessage(error.cause) };
  parts.logger.info(
    { code: told.code, message: told.message, dialect: 'project', ...cause },
    'session refused',
  );
  socket.sendFrame(errorFrame(told));
  socket.close(error.entry.closeCode, closeReason(error));
}

function closeReason(error: FastVideoError): string {
  if (error instanceof InvalidImage) return 'Invalid initial image';
  if (error instanceof InvalidOpening) return error.closeReason;
  return errorFrame(error).code;
}

function textOf(data: RawData): string {
  return new TextDecoder().decode(Array.isArray(data) ? Buffer.concat(data) : data);
}
