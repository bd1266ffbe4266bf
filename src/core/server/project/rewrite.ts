import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import {
  type FailedAnswer,
  openingFrames,
  type ProjectRewriteWish,
  type ProjectState,
  type RewriteSettings,
  type Step,
} from '../../sessions/project/project-state.ts';
import {
  beginRewrite,
  dropRewrite,
  endRewrite,
  type RewriteResult,
} from '../../sessions/project/rewrite-steps.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { Change } from '../session/dialect.ts';
import type { StreamParts } from '../session/stream-settings.ts';
import { rolloutCapOf } from './creation/read-creation.ts';
import { refused } from './error-words.ts';

export interface RewriteWish extends Pick<ProjectRewriteWish, 'by' | 'instruction'> {
  /** Rewritten in place of the seed prompts, where there are any. */
  readonly window: readonly string[];
  /** The session's from here on. */
  readonly settings: RewriteSettings;
}

export type RewriteParts = Pick<StreamParts, 'enhancer' | 'rewriteDefaults' | 'settings'>;

/** Prompts of a rollout that is made from one wish alone. */
const freshPrompts = 6;

/** Throws `invalid_message` with nothing to rewrite, and while another one runs that a client asked for. */
export function askRewrite(
  state: ProjectState,
  wish: RewriteWish,
  { enhancer, rewriteDefaults, settings }: RewriteParts,
): Step {
  const about = { message: 'rewrite_seed_prompts' };
  if (state.rewrite?.by === 'client') {
    throw refused(
      'The story is being rewritten already. Wait until that is done.',
      'A rewrite is running.',
      about,
    );
  }
  const { seeds, rolloutPrompt } = state;
  const old = wish.window.length > 0 ? wish.window : seeds;
  const instruction = wish.instruction ?? (old.length > 0 ? undefined : rolloutPrompt);
  if (old.length === 0 && instruction === undefined) {
    throw refused(
      'There is no story to rewrite. Say what it is to be about.',
      'There are no seed prompts and no rewrite_instruction.',
      about,
    );
  }
  // A wish about a rollout that has no prompt yet is a change to what it was asked for with.
  const idea = rolloutPrompt !== undefined && rolloutPrompt !== instruction ? [rolloutPrompt] : [];
  const anew = old.length === 0;
  const free = state.rewrite ? dropRewrite(state) : state;
  return beginRewrite(
    { ...free, rewriteSettings: wish.settings },
    {
      by: wish.by,
      prompts: anew ? idea : old,
      count: anew ? Math.min(freshPrompts, rolloutCapOf(state, settings)) : old.length,
      anew,
      settings: askedSettings(enhancer, rewriteDefaults, wish.settings, anew),
      ...(instruction === undefined ? {} : { instruction }),
    },
  );
}

/** What the client set counts before what an operator set since the start, and that before the config. */
function askedSettings(
  enhancer: PromptEnhancer | undefined,
  defaults: RewriteDefaults,
  { windowSystemPrompt, userSystemPrompt, ...own }: RewriteSettings,
  anew: boolean,
): ProjectRewriteWish['settings'] {
  const systemPrompt = anew ? (userSystemPrompt ?? windowSystemPrompt) : windowSystemPrompt;
  return {
    ...(enhancer ? { model: enhancer.model } : {}),
    ...defaults,
    ...own,
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
  };
}

/** Ends the running one without a result, and says why. */
export function abandonRewrite(state: ProjectState, why: string): Step {
  return state.rewrite
    ? endRewrite(state, failedRewrite(state.rewrite, { error: why }))
    : { state, frames: [] };
}

export function failedRewrite(
  { settings: { model } }: ProjectRewriteWish,
  failure: FailedAnswer,
  latencyMs = 0,
): RewriteResult {
  return {
    prompts: [],
    fallbackUsed: true,
    ...failure,
    ...(model === undefined ? {} : { model }),
    latencyMs,
  };
}

/** Without a provider the words of the user are the only prompt. */
export function unwritten(rewrite: ProjectRewriteWish): RewriteResult {
  const { instruction } = rewrite;
  if (instruction === undefined)
    return failedRewrite(rewrite, { error: noModel('so the prompts stay as they are') });
  const error = noModel('so your words are used as they are');
  return { ...failedRewrite(rewrite, { error }), prompts: [instruction], instruction };
}

/** For people; the start of the server tells its operator what to configure. */
export function noModel(consequence: string): string {
  return `This server has no language model, ${consequence}.`;
}

/** A project begins; its first rewrite, where it waits for one, is begun too. */
export function beginProject({ state, frames }: Step, parts: RewriteParts): Change<ProjectState> {
  const { waitingFor, rolloutPrompt, rewriteSettings } = state;
  if (waitingFor !== 'initial_rewrite' || rolloutPrompt === undefined) return { state, frames };
  const wish = { instruction: rolloutPrompt, window: [], settings: rewriteSettings };
  const asked = askRewrite(state, { by: 'server', ...wish }, parts);
  return { state: asked.state, frames: [...frames, ...asked.frames] };
}

/** The first project of a session. */
export function beginFirstProject(state: ProjectState, parts: RewriteParts): Change<ProjectState> {
  return beginProject({ state, frames: openingFrames(state) }, parts);
}
