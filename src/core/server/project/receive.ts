import { randomUUID } from 'node:crypto';
import type {
  ProjectClientFrame,
  ProjectInit,
  RewriteSeedPrompts,
  SimpleGenerate,
} from '../../protocol/project/client-frames.ts';
import {
  resetToSeeds,
  restartGeneration,
  setPaused,
  setRewriteModel,
  setRewriteTemperature,
  setToggle,
  simpleGenerate,
} from '../../sessions/project/controls.ts';
import { requestProjectEnd } from '../../sessions/project/project-end.ts';
import {
  openProject,
  type ProjectState,
  type RawPrompt,
  type Step,
} from '../../sessions/project/project-state.ts';
import { appendPrompt, waitingPrompts } from '../../sessions/project/user-prompts.ts';
import { withoutBlank } from '../../sessions/session.ts';
import type { Change, Effect, SessionHost } from '../session/dialect.ts';
import { type GivenPictures, type PicturePlan, removePictures } from '../session/picture.ts';
import { promptProblem, promptsProblem } from '../session/prompt-limits.ts';
import { steer } from '../session/steering.ts';
import type { StreamParts } from '../session/stream-settings.ts';
import { planPictures } from './creation/plan-pictures.ts';
import { rolloutCapOf } from './creation/read-creation.ts';
import { refused } from './error-words.ts';
import {
  changedSettings,
  given,
  newPromptKey,
  presetNames,
  promptsOf,
  readImages,
  readOpening,
  systemPromptsOf,
} from './opening.ts';
import { checkMayRestart, checkTakesPrompts, needsProject } from './preconditions.ts';
import { abandonRewrite, askRewrite, beginProject } from './rewrite.ts';

type Host = Pick<SessionHost<ProjectState>, 'state' | 'over' | 'worker'>;
type Done = Effect<ProjectState>;

/** What a frame of an open session does. Throws, or rejects with, what the client is told when it cannot be done. */
export async function receive(frame: ProjectClientFrame, host: Host, parts: StreamParts): Promise<Done> {
  switch (frame.type) {
    case 'session_init_v2':
    case 'select_model':
      throw refused(
        'The session is open already. Reload the page to open another one.',
        'It may be sent only once.',
        {
          message: frame.type,
        },
      );
    case 'project_init_v1':
      return await initProject(frame, host, parts);
    case 'append_prompt':
      return await append(frame, host, parts);
    case 'simple_generate':
      return await generateClip(frame, host, parts);
    case 'prompt_update':
      return steer(frame, host, parts);
    case 'rewrite_seed_prompts':
      return await rewriteSeeds(frame, host, parts);
    case 'reset_to_seed_prompts':
      return (state) => {
        checkMayRestart(state, frame.type);
        return resetToSeeds(state);
      };
    case 'restart_generation':
      return (state) => {
        checkMayRestart(state, frame.type);
        return restartGeneration(state, rolloutCapOf(state, parts.settings));
      };
    case 'set_enhancement':
      return (state) => setToggle(state, 'enhancement', frame.enabled);
    case 'set_auto_extension':
      return (state) => setToggle(state, 'autoExtension', frame.enabled);
    case 'set_loop_generation':
      return (state) => setToggle(state, 'loop', frame.enabled);
    case 'set_realtime':
      return (state) => ({ state: { ...state, realtime: frame.enabled }, frames: [] });
    case 'set_generation_paused':
      return (state) => setPaused(state, frame.paused);
    case 'set_rewrite_model':
      return (state) => {
        const operators = parts.rewriteDefaults.model ?? parts.enhancer?.model;
        return setRewriteModel(state, given(frame.rewrite_model), operators);
      };
    case 'set_rewrite_temperature':
      return (state) => {
        const operators = parts.rewriteDefaults.temperature ?? parts.enhancer?.temperature;
        return setRewriteTemperature(state, frame.rewrite_temperature ?? undefined, operators);
      };
    case 'end_project_keep_session':
      return (state) =>
        then(abandonRewrite(state, 'The project has ended.'), (next) => ({
          state: requestProjectEnd(next),
          frames: [],
        }));
    case 'leave':
      return (state) => ({ state, frames: [], effects: [{ kind: 'end', reason: 'leave' }] });
    default:
      return frame satisfies never;
  }
}

/** One step behind another. */
function then(first: Step, next: (state: ProjectState) => Change<ProjectState>): Change<ProjectState> {
  const { state, frames, ...rest } = next(first.state);
  return { ...rest, state, frames: [...first.frames, ...frames] };
}

async function initProject(frame: ProjectInit, host: Host, parts: StreamParts): Promise<Done> {
  if (host.state.project !== 'idle') {
    throw refused(
      'The previous project is still ending. Try again in a moment.',
      'The previous project has not ended; project_idle says when it has.',
      { message: 'project_init_v1' },
    );
  }
  const { opening, pictures: plan } = readOpening(frame, parts);
  await allow(promptsOf(opening), host, parts);
  const pictures = await picturesOf(plan, host, parts);
  return (state) => ({
    ...beginProject(openProject(state, opening), parts),
    effects: [{ kind: 'start_from', pictures }],
  });
}

/** Undefined also when the session has ended meanwhile, and nobody would remove the files. */
async function picturesOf(
  plan: PicturePlan,
  { over }: Host,
  parts: StreamParts,
): Promise<GivenPictures | undefined> {
  const pictures = await readImages(plan, parts);
  if (!over.aborted) return pictures;
  if (pictures) await removePictures(pictures.stored);
  return undefined;
}

async function append(
  frame: Extract<ProjectClientFrame, { type: 'append_prompt' }>,
  host: Host,
  parts: StreamParts,
): Promise<Done> {
  const prompt = userPrompt(frame, parts);
  await allow([prompt.prompt], host, parts);
  return (state) => {
    checkTakesPrompts(state);
    const { maxQueuedRequests } = parts.settings;
    if (waitingPrompts(state) >= maxQueuedRequests) {
      throw refused(
        `${maxQueuedRequests} prompts are waiting already. Wait until one of them is made.`,
        `${maxQueuedRequests} prompts are waiting, the limit of streaming.max_queued_requests.`,
        { message: 'append_prompt' },
      );
    }
    return appendPrompt(state, prompt);
  };
}

async function generateClip(frame: SimpleGenerate, host: Host, parts: StreamParts): Promise<Done> {
  needsProject(host.state, frame.type);
  const prompt = userPrompt(frame, parts);
  await allow([prompt.prompt], host, parts);
  const pictures = await picturesOf(planPictures(frame, undefined, null), host, parts);
  const clip = { prompt, enhancement: frame.enhancement_enabled, ...presetNames(frame) };
  return (state) =>
    then(abandonRewrite(state, 'A clip was requested with simple_generate.'), (next) => ({
      ...simpleGenerate(next, clip),
      effects: [{ kind: 'start_from', pictures }],
    }));
}

async function rewriteSeeds(frame: RewriteSeedPrompts, host: Host, parts: StreamParts): Promise<Done> {
  needsProject(host.state, frame.type);
  const instruction = given(frame.rewrite_instruction);
  const window = withoutBlank(frame.prompt_window_prompts);
  const brought = instruction === undefined ? window : [...window, instruction];
  const problem = promptsProblem(brought, parts.settings);
  if (problem !== undefined)
    throw refused(`The story cannot be rewritten: ${problem}`, problem, { message: frame.type });
  await allow([...brought, ...systemPromptsOf(changedSettings({}, frame))], host, parts);
  const told = instruction === undefined ? {} : { instruction };
  return (state) => {
    // What it leaves out is as the operator has it.
    const settings = changedSettings({}, frame);
    return askRewrite(state, { by: 'client', window, settings, ...told }, parts);
  };
}

function userPrompt(
  frame: { readonly type: string; readonly prompt: string; readonly prompt_id?: string | null | undefined },
  { settings }: StreamParts,
): RawPrompt {
  const prompt = frame.prompt.trim();
  if (prompt === '') {
    throw refused('The prompt is empty. Say what is to be seen.', 'prompt: must not be blank.', {
      message: frame.type,
    });
  }
  const problem = promptProblem(prompt, settings);
  if (problem !== undefined)
    throw refused(`The prompt cannot be used: ${problem}`, problem, { message: frame.type });
  const promptId = frame.prompt_id || randomUUID();
  return { key: newPromptKey(), promptId, prompt, receivedAt: performance.now() };
}

/** Throws what the safety filter says against one of them. */
async function allow(prompts: readonly string[], { over }: Host, { gate }: StreamParts): Promise<void> {
  if (gate.open) return;
  const objection = await gate.objection(prompts, over);
  if (objection) throw objection;
}
