import { FastVideoError } from '../../base/errors.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { Dialect, Opening, SessionState } from './dialect.ts';
import { loadGivenState, sentOfCurrent } from './given-checkpoint.ts';
import { type GivenPictures, removePictures } from './picture.ts';
import { type SpokenDialect, StreamSession } from './stream-session.ts';
import type { StreamParts } from './stream-settings.ts';

/** Throws what the first frame is refused with; nothing is held then. */
export async function openSession<State extends SessionState, Frame extends { readonly type: string }, Init>(
  dialect: Dialect<State, Frame, Init>,
  init: Init,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<StreamSession<State, Frame>> {
  const { sessions, gate, settings } = parts;
  const opening = dialect.opening(init, parts);
  const { name, clock, steersWhileQueued } = dialect;
  const spoken: SpokenDialect<State, Frame> = {
    name,
    clock,
    steersWhileQueued,
    session: (host) => dialect.session(parts, host, init),
  };
  if (opening.resume) return await resumeSession({ ...dialect, spoken }, opening, socket, parts);
  const admission = sessions.admit();
  let pictures: GivenPictures | undefined;
  try {
    const given = opening.continuation;
    const state = opening.state(admission.id, given ? await loadGivenState(given, parts) : null);
    const objection = gate.open ? undefined : await gate.objection(opening.prompts(state), socket.gone);
    if (objection) throw objection;
    pictures = await dialect.readPictures(opening.pictures, parts);
    socket.throwIfOver();
    const { checkpoints, clientId, restored: before } = opening;
    const alreadySent = sentOfCurrent(before?.alreadySent, state.current?.segmentIdx, settings);
    const restored = before && { ...before, alreadySent };
    const beginning = {
      admission,
      state,
      pictures,
      checkpoints,
      clientId,
      ...(restored ? { restored } : {}),
    };
    return new StreamSession<State, Frame>(parts, socket, spoken, beginning);
  } catch (error) {
    admission.release();
    if (pictures) await removePictures(pictures.stored);
    throw error;
  }
}

/** Every refusal reads the same: it tells nobody which sessions there are. */
async function resumeSession<State extends SessionState, Frame extends { readonly type: string }, Init>(
  dialect: Pick<Dialect<State, Frame, Init>, 'resumed'> & { readonly spoken: SpokenDialect<State, Frame> },
  { resume, checkpoints, clientId }: Opening<State>,
  socket: ClientSocket,
  parts: StreamParts,
): Promise<StreamSession<State, Frame>> {
  const refused = () => new FastVideoError('session_rejected', 'The session cannot be resumed.');
  if (!resume || !dialect.resumed) throw refused();
  const { session_id: id, resume_token: token } = resume;
  const { sessions, resumable } = parts;
  // The old connection may be dead without anybody knowing; whoever has the token takes the session over.
  const living = sessions.find(id);
  sessions.refuseWhileDraining();
  let admission = living ? undefined : sessions.admit(id);
  try {
    const taken = await resumable.take(id, token);
    if (!taken) throw refused();
    admission ??= sessions.takeOver(id);
    // What lives is fresher than what was written.
    const state = dialect.resumed(living ? await living.supersede() : taken.session);
    const resumedFrom = taken.blobIds;
    const beginning = { admission, state, pictures: undefined, checkpoints, clientId, resumedFrom };
    return new StreamSession<State, Frame>(parts, socket, dialect.spoken, beginning);
  } catch (error) {
    admission?.release();
    throw error;
  }
}
