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
import { openProject, type RawPrompt } from '../../sessions/project/project-state.ts';
import { appendPrompt, waitingPrompts } from '../../sessions/project/user-prompts.ts';
import { withoutBlank } from '../../sessions/session.ts';
import { promptProblem, promptsProblem } from '../native/admission.ts';
import type { StreamParts } from '../native/stream-settings.ts';
import {
  changedSettings,
  type GivenImage,
  given,
  presetNames,
  promptsOf,
  readImage,
  readOpening,
  systemPromptsOf,
} from './opening.ts';
import { checkMayRestart, checkTakesPrompts, needsProject } from './preconditions.ts';
import { invalid } from './project-error.ts';
import type { ProjectSession } from './project-session.ts';

let nextKey = 1;

export function newPromptKey(): number {
  return nextKey++;
}

/** What a frame does in the end. Throws what the client is told when it cannot be done. */
type Effect = () => void;

/** Looks at a frame of an open session, and gives what it does. Throws what the client is told when it cannot be done. */
export async function handleProjectFrame(
  session: ProjectSession,
  frame: ProjectClientFrame,
  parts: StreamParts,
): Promise<Effect> {
  switch (frame.type) {
    case 'session_init_v2':
    case 'select_model':
      throw invalid(`${frame.type} was already sent; it may be sent only once.`);
    case 'project_init_v1':
      return await initProject(session, frame, parts);
    case 'append_prompt':
      return await append(session, frame, parts);
    case 'simple_generate':
      return await generateClip(session, frame, parts);
    case 'rewrite_seed_prompts':
      return await rewriteSeeds(session, frame, parts);
    case 'reset_to_seed_prompts':
      return () => {
        checkMayRestart(session.state, frame.type);
        session.take(resetToSeeds(session.state));
      };
    case 'restart_generation':
      return () => {
        checkMayRestart(session.state, frame.type);
        session.take(restartGeneration(session.state, parts.settings.segmentCap));
      };
    case 'set_enhancement':
      return () => session.take(setToggle(session.state, 'enhancement', frame.enabled));
    case 'set_auto_extension':
      return () => session.take(setToggle(session.state, 'autoExtension', frame.enabled));
    case 'set_loop_generation':
      return () => session.take(setToggle(session.state, 'loop', frame.enabled));
    case 'set_generation_paused':
      return () => session.take(setPaused(session.state, frame.paused));
    case 'set_rewrite_model':
      return () => {
        const operators = parts.rewriteDefaults.model ?? parts.enhancer?.model;
        session.take(setRewriteModel(session.state, given(frame.rewrite_model), operators));
      };
    case 'set_rewrite_temperature':
      return () => {
        const operators = parts.rewriteDefaults.temperature ?? parts.enhancer?.temperature;
        session.take(setRewriteTemperature(session.state, frame.rewrite_temperature ?? undefined, operators));
      };
    case 'end_project_keep_session':
      return () => {
        session.rewrite.giveUp('The project has ended.');
        session.take({ state: requestProjectEnd(session.state), frames: [] });
      };
    case 'leave':
      return () => session.leave();
    default:
      return frame satisfies never;
  }
}

async function initProject(session: ProjectSession, frame: ProjectInit, parts: StreamParts): Promise<Effect> {
  if (session.state.project !== 'idle') {
    throw invalid('project_init_v1: the previous project has not ended; wait for project_idle.');
  }
  const opening = readOpening(frame, parts.settings);
  await allow(session, promptsOf(opening), parts);
  const image = await pictureOf(session, frame.initial_image, parts);
  return () => {
    session.startFrom(image);
    session.begin(openProject(session.state, opening));
  };
}

/** Undefined also when the session has ended meanwhile, and nobody would remove the file. */
async function pictureOf(
  session: ProjectSession,
  image: unknown,
  { images }: StreamParts,
): Promise<GivenImage | undefined> {
  const picture = await readImage(image, images);
  if (!session.over.aborted) return picture;
  await picture?.stored.remove();
  return undefined;
}

async function append(
  session: ProjectSession,
  frame: Extract<ProjectClientFrame, { type: 'append_prompt' }>,
  parts: StreamParts,
): Promise<Effect> {
  const prompt = userPrompt(frame, parts);
  await allow(session, [prompt.prompt], parts);
  return () => {
    const { state } = session;
    checkTakesPrompts(state);
    const { maxQueuedRequests } = parts.settings;
    if (waitingPrompts(state) >= maxQueuedRequests) {
      throw invalid(`append_prompt: ${maxQueuedRequests} prompts are waiting already; send it again later.`);
    }
    session.take(appendPrompt(state, prompt));
  };
}

async function generateClip(
  session: ProjectSession,
  frame: SimpleGenerate,
  parts: StreamParts,
): Promise<Effect> {
  needsProject(session.state, frame.type);
  const prompt = userPrompt(frame, parts);
  await allow(session, [prompt.prompt], parts);
  const image = await pictureOf(session, frame.initial_image, parts);
  const clip = { prompt, enhancement: frame.enhancement_enabled, ...presetNames(frame) };
  return () => {
    session.rewrite.giveUp('A clip was requested with simple_generate.');
    session.startFrom(image);
    session.take(simpleGenerate(session.state, clip));
  };
}

async function rewriteSeeds(
  session: ProjectSession,
  frame: RewriteSeedPrompts,
  parts: StreamParts,
): Promise<Effect> {
  needsProject(session.state, frame.type);
  const instruction = given(frame.rewrite_instruction);
  const window = withoutBlank(frame.prompt_window_prompts);
  const brought = instruction === undefined ? window : [...window, instruction];
  const problem = promptsProblem(brought, parts.settings);
  if (problem !== undefined) throw invalid(`rewrite_seed_prompts: ${problem}`);
  await allow(session, [...brought, ...systemPromptsOf(changedSettings({}, frame))], parts);
  const settings = changedSettings(session.state.rewriteSettings, frame);
  const wish = {
    by: 'client',
    window,
    settings,
    ...(instruction === undefined ? {} : { instruction }),
  } as const;
  return () => session.rewrite.begin(wish);
}

function userPrompt(
  frame: { readonly type: string; readonly prompt: string; readonly prompt_id?: string | null | undefined },
  { settings }: StreamParts,
): RawPrompt {
  const prompt = frame.prompt.trim();
  const problem = promptProblem(prompt, settings);
  if (problem !== undefined) throw invalid(`${frame.type}: ${problem}`);
  const promptId = frame.prompt_id || randomUUID();
  return { key: newPromptKey(), promptId, prompt, receivedAt: performance.now() };
}

/** Throws what the safety filter says against one of them. */
async function allow(
  session: ProjectSession,
  prompts: readonly string[],
  { gate }: StreamParts,
): Promise<void> {
  if (gate.open) return;
  const objection = await gate.objection(prompts, session.over);
  if (objection) throw objection;
}
