import { FastVideoError } from '../../base/errors.ts';
import type { Parsed } from '../../protocol/native/parse.ts';
import {
  type ProjectClientFrame,
  ProjectClientFrameSchema,
  type ProjectInit,
} from '../../protocol/project/client-frames.ts';
import {
  fromProjectCheckpoint,
  type ProjectCheckpoint,
  ProjectCheckpointSchema,
  promptsInProject,
} from '../../sessions/project/project-checkpoint.ts';
import {
  openProjectSession,
  type ProjectOpening,
  type ProjectState,
  type RewriteSettings,
} from '../../sessions/project/project-state.ts';
import { withoutBlank } from '../../sessions/session.ts';
import { promptsOfSteering } from '../../sessions/steering.ts';
import { checkRestoredAdapters } from '../adapters/choose-adapters.ts';
import { sessionAdapters } from '../adapters/session-adapters.ts';
import { chooseCreation } from '../session/creation/choose.ts';
import type { Opening } from '../session/dialect.ts';
import { readCheckpoint } from '../session/given-checkpoint.ts';
import { InvalidImage, InvalidOpening, readFirstFrame } from '../session/invalid-opening.ts';
import {
  type GivenPictures,
  type PictureGiven,
  type PictureOrigin,
  type PictureParts,
  type PicturePlan,
  type PictureSource,
  readPictures,
} from '../session/picture.ts';
import { promptProblem, promptsProblem, writtenPromptProblem } from '../session/prompt-limits.ts';
import type { StreamSettings } from '../session/stream-settings.ts';
import { type CreationParts, modelPictures, readCreation } from './creation/read-creation.ts';

let nextKey = 1;

/** Tells a prompt of the user from the others. */
export function newPromptKey(): number {
  return nextKey++;
}

/** What a client means that says nothing. */
export function emptyInit(): ProjectInit {
  return readInit({ ok: true, frame: ProjectClientFrameSchema.parse({ type: 'session_init_v2' }) });
}

/** Reads the first frame of a connection, `undefined` for a binary one. Throws `InvalidOpening`. */
export function readInit(message: Parsed<ProjectClientFrame> | undefined): ProjectInit {
  return readFirstFrame(message, (frame) => {
    if (frame.type === 'session_init_v2') return frame;
    // Clients of old name their prompts otherwise.
    return frame.type === 'select_model' ? { ...frame, curated_prompts: frame.segment_prompts } : undefined;
  });
}

/** What a first frame asks for. Throws when that is over a limit. */
export function projectOpening(init: ProjectInit, parts: CreationParts): Opening<ProjectState> {
  const { settings } = parts;
  const { opening, pictures } = readOpening(init, parts);
  const checkpoints = init.checkpoints ?? false;
  if (!init.checkpoint) {
    return {
      checkpoints,
      pictures,
      state: () => openProjectSession(opening),
      prompts: () => promptsOf(opening),
    };
  }
  const checkpoint = readCheckpoint(ProjectCheckpointSchema, init.checkpoint);
  checkRestored(checkpoint, settings);
  const creation =
    checkpoint.creation == null
      ? undefined
      : chooseCreation(checkpoint.creation, settings, modelPictures(parts));
  const { begun, stream_id: streamId, segment_told: segmentTold, picture } = checkpoint;
  return {
    checkpoints,
    pictures: picture === 'opening' ? pictures : planOf(picture),
    continuation: checkpoint.continuation,
    state: (_, continuation) => fromProjectCheckpoint(checkpoint, { continuation, creation, newPromptKey }),
    prompts: promptsInProject,
    restored: {
      begun,
      streamId,
      segmentTold,
      picture: givenPictures(picture),
      alreadySent: init.already_sent,
    },
  };
}

/** What of an init makes a project. Throws `invalid_message` when something is over a limit. */
export function readOpening(
  init: ProjectInit,
  parts: CreationParts,
): { readonly opening: ProjectOpening; readonly pictures: PicturePlan } {
  const { settings } = parts;
  const rolloutPrompt = given(init.initial_rollout_prompt);
  const problem =
    promptsProblem(init.curated_prompts, settings) ??
    (rolloutPrompt === undefined ? undefined : promptProblem(rolloutPrompt, settings));
  if (problem !== undefined)
    throw new InvalidOpening('invalid_init', `The project cannot be opened: ${problem}`, { detail: problem });
  const { creation, pictures } = readCreation(init, parts);
  const adapters = sessionAdapters(init, settings.adapters);
  const opening = {
    ...presetNames(init),
    toggles: {
      enhancement: init.enhancement_enabled,
      autoExtension: init.auto_extension_enabled,
      loop: init.loop_generation_enabled,
    },
    singleClip: init.single_clip_mode,
    realtime: init.realtime,
    seeds: withoutBlank(init.curated_prompts).map((prompt) => prompt.trim()),
    ...(rolloutPrompt === undefined ? {} : { rolloutPrompt }),
    rewriteSettings: changedSettings({}, init),
    ...(creation ? { creation } : {}),
    ...(adapters ? { adapters } : {}),
  };
  return { opening, pictures };
}

/** Throws when a session that goes on from a checkpoint is over a limit. */
function checkRestored(
  { lora, seeds, rollout_prompt, raw, ready, pending_start, extension, current, steering }: ProjectCheckpoint,
  settings: StreamSettings,
): void {
  checkRestoredAdapters(lora, settings.adapters);
  const { maxQueuedRequests } = settings;
  const waiting = raw.length + ready.length;
  const made = [...ready, ...(current ? [current] : [])];
  const words = [
    ...seeds,
    ...(rollout_prompt === null ? [] : [rollout_prompt]),
    ...raw.map(({ prompt }) => prompt),
    ...(pending_start?.clip ? [pending_start.clip.prompt] : []),
    ...promptsOfSteering(steering),
    ...made.filter(({ source }) => source === 'user_raw').map(({ prompt }) => prompt),
  ];
  const written = [
    ...made.filter(({ source }) => source !== 'user_raw').map(({ prompt }) => prompt),
    ...(extension.kind === 'ready' ? [extension.prompt] : []),
  ];
  const problem =
    waiting > maxQueuedRequests + 1
      ? `${waiting} prompts are waiting, the limit is ${maxQueuedRequests}.`
      : [
          ...words.map((prompt) => promptProblem(prompt, settings)),
          ...written.map((prompt) => writtenPromptProblem(prompt, settings)),
        ].find(Boolean);
  if (problem !== undefined) {
    throw new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}`);
  }
}

/** Every text of a project that is to be looked at before it opens. */
export function promptsOf({ seeds, rolloutPrompt, rewriteSettings }: ProjectOpening): string[] {
  return [
    ...seeds,
    ...(rolloutPrompt === undefined ? [] : [rolloutPrompt]),
    ...systemPromptsOf(rewriteSettings),
  ];
}

/** They tell a language model what to write: a user's words may be in them. */
export function systemPromptsOf({ windowSystemPrompt, userSystemPrompt }: RewriteSettings): string[] {
  return [windowSystemPrompt, userSystemPrompt].filter((text) => text !== undefined);
}

export function presetNames(init: Pick<ProjectInit, 'preset_id' | 'preset_label'>) {
  const presetId = given(init.preset_id);
  const presetLabel = given(init.preset_label);
  return {
    ...(presetId === undefined ? {} : { presetId }),
    ...(presetLabel === undefined ? {} : { presetLabel }),
  };
}

/** What the frame says about rewrites over what was said before; a blank text brings the operator's back. */
export function changedSettings(
  before: RewriteSettings,
  frame: Pick<
    ProjectInit,
    'rewrite_model' | 'rewrite_temperature' | 'rewrite_window_system_prompt' | 'rewrite_user_system_prompt'
  >,
): RewriteSettings {
  const temperature = frame.rewrite_temperature ?? before.temperature;
  const model = changedText(before.model, frame.rewrite_model);
  const windowSystemPrompt = changedText(before.windowSystemPrompt, frame.rewrite_window_system_prompt);
  const userSystemPrompt = changedText(before.userSystemPrompt, frame.rewrite_user_system_prompt);
  return {
    ...(model === undefined ? {} : { model }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(windowSystemPrompt === undefined ? {} : { windowSystemPrompt }),
    ...(userSystemPrompt === undefined ? {} : { userSystemPrompt }),
  };
}

function changedText(before: string | undefined, text: string | null | undefined): string | undefined {
  return text == null ? before : given(text);
}

/** Trimmed; undefined when it is missing or blank. */
export function given(text: string | null | undefined): string | undefined {
  return text?.trim() || undefined;
}

/** Undefined when none was given. Throws {@link InvalidImage}. */
export async function readImages(plan: PicturePlan, parts: PictureParts): Promise<GivenPictures | undefined> {
  try {
    return await readPictures(plan, parts);
  } catch (error) {
    if (!(error instanceof FastVideoError) || error.code !== 'invalid_message') throw error;
    throw unusableImage(error);
  }
}

type CheckpointPicture = ProjectCheckpoint['picture'];

/** As it stands in a checkpoint, also one of a server that knows one picture only. */
function givenPictures(picture: CheckpointPicture): PictureOrigin {
  if (picture === null || picture === 'opening' || 'references' in picture) return picture;
  return { first: picture, references: [] };
}

function planOf(picture: CheckpointPicture): PicturePlan {
  const given = givenPictures(picture);
  if (given === null || given === 'opening') return { references: [] };
  const { first, last, references } = given;
  const sourceOf = (one: PictureGiven): PictureSource =>
    'asset_id' in one ? { assetId: one.asset_id } : { field: 'initial_image', image: one };
  return {
    ...(first ? { first: sourceOf(first) } : {}),
    ...(last ? { last: sourceOf(last) } : {}),
    references: references.map(sourceOf),
  };
}

function unusableImage(error: FastVideoError): InvalidImage {
  const detail = error.message;
  const said = detail
    .replace(/^\w+: /, '')
    .replace('send a', 'choose a')
    .replace(' in base64', '');
  // What names fields is no word for people.
  const reason = /[{}_]/.test(said) ? 'it did not arrive as one. Choose another.' : said;
  return new InvalidImage('invalid_message', `The picture cannot be used: ${reason}`, {
    cause: error,
    about: { detail },
  });
}
