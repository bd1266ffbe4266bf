import type { WireErrorCode } from '../../base/error-table.ts';
import { type OpeningLate, type OpeningLimits, openingProblem } from '../../base/opening/opening-wait.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ReplicaConnectionEnd } from '../wire/connection-end.ts';
import type { Message } from '../wire/message.ts';
import type { Dialect } from './client-request.ts';

/** How a client's connection ends. */
export interface RelayEnd {
  /** The last frames, if there are some to say. */
  readonly frames: readonly Message[];
  /** The error code of a frame of the router's own. */
  readonly error?: WireErrorCode;
  readonly code: number;
  readonly reason: string;
}

/** What a client has asked for and not got. */
interface Unmade {
  /** The running segment. */
  readonly segmentIdx: number | undefined;
  readonly prompts: readonly string[];
}

/** Nobody can take the session. */
export const noHealthyReplica: RelayEnd = withError('gpu_unavailable', {
  message: 'No replica can take a session (replica unavailable); try again.',
  retryable: true,
  code: 1013,
  reason: 'no_healthy_replica',
});

/** The replica of an open session has gone, and no other goes on with it. */
export const replicaLost: RelayEnd = withError('worker_failed', {
  message: 'The replica of this session was lost.',
  retryable: true,
  code: 1011,
  reason: 'replica_lost',
});

/** The router stops before the session was let in. */
export const drainedBefore: RelayEnd = withError('session_rejected', {
  message: 'The router is shutting down; connect again.',
  retryable: true,
  code: 1013,
  reason: 'session_rejected',
});

/**
 * The router stops; a resume through another one goes on. In the native dialect each request gets its answer, as from a
 * replica that stops.
 */
export function drainedAfter(dialect: Dialect, { segmentIdx, prompts }: Unmade): RelayEnd {
  const stopping = 'The router is shutting down';
  const told = { retryable: true, code: 1001, reason: 'server_draining' };
  const { frames, ...ending } = withError('session_rejected', {
    ...told,
    message: `${stopping}; connect again.`,
  });
  if (dialect === 'project') {
    const last: ProjectServerFrame = { type: 'ltx2_stream_complete' };
    return { ...ending, frames: [...frames, textMessage(last)] };
  }
  const refusals = prompts.flatMap((prompt) => {
    const short = prompt.length > 60 ? `${prompt.slice(0, 57)}...` : prompt;
    return withError('session_rejected', { ...told, message: `"${short}" was not generated: ${stopping}.` })
      .frames;
  });
  const last: ServerFrame[] = [
    ...(segmentIdx === undefined ? [] : [{ type: 'segment_cancelled' as const, segment_idx: segmentIdx }]),
    { type: 'ltx2_stream_complete', reason: 'stop_requested' },
  ];
  return { ...ending, frames: [...refusals, ...frames, ...last.map(textMessage)] };
}

/** As a replica answers a client whose first message does not come. */
export function lateClient(late: OpeningLate, limits: OpeningLimits): RelayEnd {
  return withError('invalid_message', {
    message: openingProblem(late, limits),
    retryable: false,
    code: 1003,
    reason: 'invalid_init',
  });
}

/** What a replica refused the session with, once no other takes it. */
export function rejectedWith(frame: Message, end: ReplicaConnectionEnd): RelayEnd {
  const { code, reason } = end.kind === 'closed' ? end : { code: 1013, reason: 'session_rejected' };
  return { frames: [frame], code, reason };
}

/** How the client's connection ends after that of its replica, when no other is to be tried. */
export function endingOf(end: ReplicaConnectionEnd): RelayEnd {
  switch (end.kind) {
    case 'closed':
      return { frames: [], code: end.code, reason: end.reason };
    case 'refused':
      return refusedWith(end.status, end.message);
    case 'lost':
    case 'unreachable':
    case 'busy':
      return replicaLost;
  }
}

function refusedWith(status: number, message: string): RelayEnd {
  if (status === 401 || status === 403) {
    return withError('unauthorized', { message, retryable: false, code: 1008, reason: 'unauthorized' });
  }
  return withError('internal_error', { message, retryable: false, code: 1011, reason: 'replica_refused' });
}

interface Told {
  readonly message: string;
  readonly retryable: boolean;
  readonly code: number;
  readonly reason: string;
}

function withError(error: WireErrorCode, { message, retryable, code, reason }: Told): RelayEnd {
  const frame: ServerFrame = { type: 'error', code: error, message, retryable };
  return { frames: [textMessage(frame)], error, code, reason };
}

function textMessage(frame: object): Message {
  return { data: Buffer.from(JSON.stringify(frame)), isBinary: false };
}
