import { FastVideoError } from '../../base/errors.ts';
import type { ClientFrame, SessionInitV2 } from '../../protocol/native/client-frames.ts';
import type { Parsed } from '../../protocol/native/parse.ts';
import { newPromptId } from '../../sessions/prompt-steps.ts';
import { openSession, type Session, type SessionOpening, withoutBlank } from '../../sessions/session.ts';
import {
  fromCheckpoint,
  promptsIn,
  type SessionCheckpoint,
  SessionCheckpointSchema,
} from '../../sessions/session-checkpoint.ts';
import { promptsOfSteering } from '../../sessions/steering.ts';
import { checkRestoredAdapters } from '../adapters/choose-adapters.ts';
import { sessionAdapters } from '../adapters/session-adapters.ts';
import type { Opening } from '../session/dialect.ts';
import { readCheckpoint } from '../session/given-checkpoint.ts';
import { InvalidOpening, readFirstFrame } from '../session/invalid-opening.ts';
import { promptProblem, promptsProblem, writtenPromptProblem } from '../session/prompt-limits.ts';
import type { StreamSettings } from '../session/stream-settings.ts';
import { chooseShape } from './shape.ts';

/** Reads the first frame of a connection. Throws `InvalidOpening`. */
export function readInit(message: Parsed<ClientFrame> | undefined): SessionInitV2 {
  return readFirstFrame(message, (frame) => (frame.type === 'session_init_v2' ? frame : undefined));
}

/** What a first frame asks for. Throws when that is over a limit, or not served here. */
export function nativeOpening(init: SessionInitV2, settings: StreamSettings): Opening<Session> {
  const opening = checkOpening(init, settings);
  const common = {
    checkpoints: init.checkpoints ?? false,
    clientId: init.client_id ?? undefined,
    pictures: { first: { field: 'initial_image' as const, image: init.initial_image }, references: [] },
  };
  if (!init.checkpoint) {
    return {
      ...common,
      ...(init.resume ? { resume: init.resume } : {}),
      continuation: init.continuation_state,
      state: (id, continuation) => openSession({ ...opening, id, continuation }),
      prompts: ({ curatedPrompts }) => curatedPrompts,
    };
  }
  const checkpoint = readCheckpoint(SessionCheckpointSchema, init.checkpoint);
  checkRestored(checkpoint, settings);
  const { begun } = checkpoint;
  return {
    ...common,
    continuation: checkpoint.continuation,
    state: (id, continuation) => fromCheckpoint(checkpoint, { id, continuation, newPromptId }),
    prompts: promptsIn,
    restored: {
      begun,
      alreadySent: init.already_sent,
      streamId: null,
      segmentTold: false,
      picture: 'opening',
    },
  };
}

/** What of the init makes the session. Throws when it asks for what this server does not serve. */
function checkOpening(
  init: SessionInitV2,
  settings: StreamSettings,
): Omit<SessionOpening, 'id' | 'continuation'> {
  const problem = promptsProblem(init.curated_prompts, settings);
  if (problem !== undefined) throw new InvalidOpening('invalid_init', `session_init_v2: ${problem}`);
  checkPreset(init.preset, settings);
  const adapters = sessionAdapters(init, settings.adapters);
  const shape = chooseShape(init.aspect_ratio, init.resolution, settings);
  return {
    ...(init.preset ? { preset: init.preset } : {}),
    ...(adapters ? { adapters } : {}),
    ...(shape ? { shape } : {}),
    streamMode: init.stream_mode ?? settings.streamMode,
    toggles: {
      enhancement: init.enhancement_enabled,
      autoExtension: init.auto_extension_enabled,
      loop: init.loop_generation_enabled,
    },
    singleClip: init.single_clip_mode,
    realtime: init.realtime,
    curatedPrompts: withoutBlank(init.curated_prompts),
  };
}

/** Throws when a session that goes on from a checkpoint asks for what this server does not serve. */
function checkRestored(
  { preset, lora, shape, curated_prompts, waiting, ahead, current, steering }: SessionCheckpoint,
  settings: StreamSettings,
): void {
  checkPreset(preset, settings);
  checkRestoredAdapters(lora, settings.adapters);
  chooseShape(shape?.aspectRatio, shape?.resolution, settings);
  const { maxQueuedRequests } = settings;
  const prompts = [...waiting, ...(ahead ? [ahead] : []), ...(current ? [current.prompt] : [])];
  const problem =
    waiting.length > maxQueuedRequests
      ? `${waiting.length} requests are waiting, the limit is ${maxQueuedRequests}.`
      : [
          ...[...curated_prompts, ...promptsOfSteering(steering)].map((prompt) =>
            promptProblem(prompt, settings),
          ),
          ...prompts.map((prompt) => restoredPromptProblem(prompt, settings)),
        ].find(Boolean);
  if (problem !== undefined) {
    throw new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}`);
  }
}

function restoredPromptProblem(
  { prompt, negative_prompt, ready, source }: SessionCheckpoint['waiting'][number],
  settings: StreamSettings,
): string | undefined {
  // Where a model has written over the words of a user, the source is no longer `user`.
  const byModel = ready && source !== 'user';
  return (
    (byModel ? writtenPromptProblem(prompt, settings) : promptProblem(prompt, settings)) ??
    (negative_prompt ? promptProblem(negative_prompt, settings) : undefined)
  );
}

function checkPreset(preset: string | null | undefined, settings: StreamSettings): void {
  if (settings.preset === undefined || !preset || preset === settings.preset) return;
  const message = `The preset "${preset}" does not fit: this server runs "${settings.preset}".`;
  throw new FastVideoError('preset_mismatch', message);
}
