import type { ProjectClientFrame, ProjectInit } from '../../protocol/project/client-frames.ts';
import { parseProjectClientFrame } from '../../protocol/project/parse.ts';
import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import { projectMembers } from '../../sessions/project/project-checkpoint.ts';
import type { ProjectState } from '../../sessions/project/project-state.ts';
import { endSegment } from '../../sessions/project/segment-steps.ts';
import { waitingPrompts } from '../../sessions/project/user-prompts.ts';
import type { SessionStep } from '../../sessions/step.ts';
import type { Closing, Dialect, SegmentContext, SegmentPlan, SessionDialect } from '../session/dialect.ts';
import type { PictureOrigin } from '../session/picture.ts';
import { steeringCalls } from '../session/steering.ts';
import type { StreamSettings } from '../session/stream-settings.ts';
import { unfitModel } from './creation/read-creation.ts';
import { inWordsForPeople } from './error-words.ts';
import { projectRequest } from './generation-request.ts';
import { emptyInit, projectOpening, readImages, readInit } from './opening.ts';
import { advanceProject, projectCalls } from './prompt-calls.ts';
import { queueFrame } from './queue-frame.ts';
import { receive } from './receive.ts';
import { beginFirstProject } from './rewrite.ts';
import { projectFrames } from './segment-frames.ts';

/** `/ws`: the server walks a list of seed prompts by itself. */
export const projectDialect: Dialect<ProjectState, ProjectClientFrame, ProjectInit> = {
  name: 'project',
  told: inWordsForPeople,
  parse: parseProjectClientFrame,
  greeting: ({ pool }) => queueFrame(pool),
  silentInit: emptyInit,
  readInit,
  opening: (init, parts) => projectOpening(init, parts),
  readPictures: readImages,
  session: (parts, host) => {
    const { pool, settings } = parts;
    return {
      told: inWordsForPeople,
      queued: ({ position, queueDepth, reason }) =>
        reason === undefined ? undefined : queueFrame(pool, { position, queueDepth, reason }),
      assigned: ({ gpuId, steering }) =>
        told({
          type: 'gpu_assigned',
          gpu_id: gpuId,
          // The web app would take 0 for a session that is over.
          ...(settings.sessionTimeoutMs > 0 ? { session_timeout: settings.sessionTimeoutMs / 1000 } : {}),
          ...chosen(host.state),
          ...(steering ? { steering } : {}),
        }),
      opened: (state, begun) => (begun ? { state, frames: [] } : beginFirstProject(state, parts)),
      refusal: (state, { capabilities }) => unfitModel(state, parts, capabilities),
      receive: (frame) => receive(frame, host, parts),
      advance: (state) => advanceProject(state, parts),
      calls: (state) => [...steeringCalls(state, host, parts.gate), ...projectCalls(state, host, parts)],
      segment: (state, context) => segmentPlan(state, context, settings),
      segmentEnded: endSegment,
      closing,
      busy: ({ rewrite }) => rewrite !== null,
      waitingRequests: waitingPrompts,
      members: (state, { begun, streamId, segmentTold, picture }) => ({
        begun,
        stream_id: streamId,
        segment_told: segmentTold,
        picture: pictureMember(picture),
        ...projectMembers(state),
      }),
      describe: ({ presetId, seeds }) => ({ preset: presetId, curated_prompts: seeds }),
    } satisfies SessionDialect<ProjectState, ProjectClientFrame>;
  },
  clock: 'absolute',
  steersWhileQueued: false,
  floodedOpening: 'answer',
  leavesUnopened: true,
};

function told(frame: ProjectServerFrame): ProjectServerFrame {
  return frame;
}

/** One picture to start from stands there as older servers know it. */
function pictureMember(picture: PictureOrigin) {
  if (picture === null || picture === 'opening') return picture;
  const { first, last, references } = picture;
  return first && 'mime' in first && !last && references.length === 0 ? first : picture;
}

function chosen({ creation }: ProjectState) {
  if (!creation) return {};
  const { config } = creation;
  return { generation_mode: config.generation_mode, creation_config: config };
}

function segmentPlan(
  state: ProjectState,
  { pictures, streamId }: SegmentContext,
  settings: StreamSettings,
): SegmentPlan {
  const { current } = state;
  if (!current) throw new Error('There is no segment to make.');
  const { prompt, source, receivedAt, promptId } = current;
  return {
    streamId,
    generation: projectRequest(settings, state, current, pictures),
    streamMode: 'av_fmp4',
    frames: projectFrames(current, streamId),
    logged: { prompt, source },
    ...(receivedAt === undefined ? {} : { requestedAt: receivedAt }),
    asked: promptId === undefined ? {} : { prompt_id: promptId },
    needsMedia: true,
  };
}

function closing(state: ProjectState, end: Closing): SessionStep<ProjectState> {
  const complete = state.streaming ? [told({ type: 'ltx2_stream_complete' })] : [];
  switch (end.kind) {
    case 'complete':
      return { state, frames: complete };
    case 'drained':
      return { state, frames: [end.error, ...complete] };
    case 'failed':
      return { state, frames: [end.error] };
    case 'expired': {
      const message = `The time of this session is over (${end.seconds} s); start a new one.`;
      return { state, frames: [told({ type: 'session_timeout', message })] };
    }
  }
}
