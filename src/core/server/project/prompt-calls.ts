import type { CompletionOptions, PromptEnhancer } from '../../prompts/enhancer.ts';
import type { PromptPlace } from '../../prompts/provider.ts';
import { advance } from '../../sessions/project/advance.ts';
import {
  askExtension,
  extensionFailed,
  extensionWritten,
  wantsExtension,
} from '../../sessions/project/extension.ts';
import type { ProjectState, RawPrompt, Step } from '../../sessions/project/project-state.ts';
import { endRewrite } from '../../sessions/project/rewrite-steps.ts';
import { dropRaw, promptEnhancing, promptFailed, promptReady } from '../../sessions/project/user-prompts.ts';
import type { SessionHost } from '../session/dialect.ts';
import { rewritePrompts, writePrompt } from '../session/model-calls.ts';
import type { PromptCall } from '../session/prompt-calls.ts';
import type { StreamParts } from '../session/stream-settings.ts';
import { rolloutCapOf } from './creation/read-creation.ts';
import { unusableAnswer } from './error-words.ts';
import { failedRewrite, noModel, unwritten } from './rewrite.ts';

export type ProjectHost = Pick<SessionHost<ProjectState>, 'state' | 'take'>;
type Parts = Pick<StreamParts, 'gate' | 'enhancer' | 'rewriteDefaults' | 'settings'>;

/** One step on the way by itself; what needs no call is done at once. */
export function advanceProject(state: ProjectState, parts: Parts): Step | null {
  return advance(state, rolloutCapOf(state, parts.settings)) ?? withoutCall(state, parts);
}

function withoutCall(state: ProjectState, { enhancer, settings }: Parts): Step | null {
  const [prompt] = state.raw;
  if (prompt && mayPrepare(state, prompt) && !isEnhanced(state, prompt, enhancer)) {
    return promptReady(state, prompt.key, prompt.prompt, null);
  }
  if (state.rewrite && !enhancer) {
    return endRewrite(state, unwritten(state.rewrite));
  }
  if (!wantsExtension(state, rolloutCapOf(state, settings))) return null;
  const asked = askExtension(state);
  if (enhancer) return { state: asked, frames: [] };
  return extensionFailed(
    asked,
    asked.streams,
    { error: noModel('and cannot go on with the story by itself; type what happens next') },
    0,
  );
}

/** Of the prompt that is made ready next: those that are ready are made before it. */
function placeOf({ singleClip, history, ready, nextSegmentIdx }: ProjectState): PromptPlace {
  if (singleClip) return { kind: 'clip' };
  const previous = [...history, ...ready.map(({ prompt }) => prompt)];
  return { kind: 'segment', segment: nextSegmentIdx + ready.length, previous };
}

/** The start of a stream drops the prompts that wait. */
function mayPrepare({ pendingStart }: ProjectState, { enhancing }: RawPrompt): boolean {
  return enhancing === true || !pendingStart;
}

function isEnhanced(
  { toggles }: ProjectState,
  { enhancing }: RawPrompt,
  enhancer: PromptEnhancer | undefined,
): enhancer is PromptEnhancer {
  return enhancer !== undefined && (enhancing === true || toggles.enhancement);
}

/**
 * What a project waits for: the prompts of the user are made ready one at a time, in the order in which they came; the
 * next prompt is written where no other is left; the seed prompts are rewritten.
 */
export function projectCalls(state: ProjectState, host: ProjectHost, parts: Parts): PromptCall[] {
  const { enhancer } = parts;
  if (!enhancer) return [];
  const [prompt] = state.raw;
  const { rewrite, extension, streams } = state;
  return [
    ...(rewrite
      ? [{ slot: 'rewrite', key: rewrite, run: (signal: AbortSignal) => rewriteSeeds(signal) }]
      : []),
    ...(prompt && mayPrepare(state, prompt) && isEnhanced(state, prompt, enhancer)
      ? [{ slot: 'prompt', key: prompt.key, run: (signal: AbortSignal) => enhance(prompt, signal) }]
      : []),
    ...(extension.kind === 'asked'
      ? [{ slot: 'extension', key: streams, run: (signal: AbortSignal) => extend(state, signal) }]
      : []),
  ];

  async function enhance({ key, prompt: words, promptId }: RawPrompt, signal: AbortSignal): Promise<void> {
    if (!enhancer) return;
    host.take(promptEnhancing(host.state, key));
    const options = { ...modelOptions(host.state, signal), place: placeOf(host.state) };
    const answer = await writePrompt(() => enhancer.enhance(words, options), parts.gate, signal);
    if (signal.aborted) return;
    const { latencyMs } = answer;
    switch (answer.kind) {
      case 'written':
        host.take(promptReady(host.state, key, answer.completion.content, latencyMs));
        return;
      case 'blocked':
        host.take({
          state: dropRaw(host.state, key),
          frames: [answer.error.concerning({ prompt_id: promptId })],
        });
        return;
      case 'failed':
        host.take(
          promptFailed(host.state, key, unusableAnswer(answer.error, ': the prompt is not used'), latencyMs),
        );
    }
  }

  async function extend(asked: ProjectState, signal: AbortSignal): Promise<void> {
    if (!enhancer) return;
    const options = { ...modelOptions(asked, signal), segment: asked.nextSegmentIdx };
    const answer = await writePrompt(() => enhancer.autoExtend(asked.history, options), parts.gate, signal);
    if (signal.aborted) return;
    if (answer.kind === 'written') {
      const { content } = answer.completion;
      host.take({ state: extensionWritten(host.state, asked.streams, content), frames: [] });
      return;
    }
    const why = unusableAnswer(answer.error, '');
    host.take(extensionFailed(host.state, asked.streams, why, answer.latencyMs));
  }

  async function rewriteSeeds(signal: AbortSignal): Promise<void> {
    if (!enhancer || !rewrite) return;
    const { prompts, count, anew, settings, instruction } = rewrite;
    const { presetId, presetLabel } = host.state;
    const told = instruction === undefined ? {} : { instruction };
    const names = {
      ...(presetId === undefined ? {} : { id: presetId }),
      ...(presetLabel === undefined ? {} : { label: presetLabel }),
    };
    const options = { count, anew, ...told, ...names, ...settings, signal };
    const answer = await rewritePrompts(enhancer, parts.gate, prompts, options);
    if (signal.aborted) return;
    const { latencyMs } = answer;
    const result =
      answer.kind === 'written'
        ? answer
        : {
            ...failedRewrite(
              rewrite,
              unusableAnswer(answer.error, ', so the prompts stay as they are'),
              latencyMs,
            ),
            refused: answer.kind === 'blocked',
          };
    host.take(endRewrite(host.state, { ...result, ...told }));
  }

  function modelOptions({ rewriteSettings }: ProjectState, signal: AbortSignal): CompletionOptions {
    const model = rewriteSettings.model ?? parts.rewriteDefaults.model;
    return { signal, ...(model === undefined ? {} : { model }) };
  }
}
