import { clientMessage } from '../../base/client-text.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { ClientFrame } from '../../protocol/native/client-frames.ts';
import type { NativeStep } from '../../sessions/prompt-steps.ts';
import { type RunningRewrite, replaceCuratedPrompts, type Session } from '../../sessions/session.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import { rewritePrompts, type WrittenPrompts } from '../session/model-calls.ts';
import type { PromptCall } from '../session/prompt-calls.ts';
import { invalid } from '../session/prompt-errors.ts';
import type { PromptHost, PromptParts } from './prompt-calls.ts';

type RewriteFrame = Extract<ClientFrame, { type: 'rewrite_seed_prompts' }>;

/** Throws `invalid_message` while another one runs, and when there is nothing to rewrite. */
export function beginRewrite(session: Session, frame: RewriteFrame): NativeStep {
  if (session.rewrite) throw invalid('rewrite_seed_prompts: a rewrite is running already.');
  const { curatedPrompts } = session;
  const instruction = frame.rewrite_instruction?.trim();
  if (curatedPrompts.length === 0 && !instruction) {
    throw invalid('rewrite_seed_prompts: there are no curated prompts and no rewrite_instruction.');
  }
  const rewrite: RunningRewrite = {
    prompts: curatedPrompts.length > 0 ? curatedPrompts : [instruction ?? ''],
    count: frame.count,
    ...(instruction ? { instruction } : {}),
  };
  return { state: { ...session, rewrite }, frames: [{ type: 'rewrite_seed_prompts_started' }] };
}

/** The old prompts stay when nobody could write new ones. */
function endRewrite(session: Session, { instruction }: RunningRewrite, answer: WrittenPrompts): NativeStep {
  const told = instruction ? { rewrite_instruction: instruction } : {};
  const ended: Session = { ...session, rewrite: null };
  if (answer.kind !== 'written') {
    const result = {
      fallback_used: true,
      error: clientMessage(answer.error),
      latency_ms: answer.latencyMs,
    };
    const complete = { type: 'rewrite_seed_prompts_complete', ...result } as const;
    if (answer.kind === 'blocked') return { state: ended, frames: [complete] };
    const prompts = [...session.curatedPrompts];
    const updated = { type: 'seed_prompts_updated', prompts, reason: 'rewrite', ...told, ...result } as const;
    return { state: ended, frames: [updated, complete] };
  }
  const { prompts, raw, id, label, fallbackUsed, model, latencyMs } = answer;
  const result = {
    ...(id === undefined ? {} : { preset_id: id }),
    ...(label === undefined ? {} : { preset_label: label }),
    fallback_used: fallbackUsed,
    model,
    latency_ms: latencyMs,
  };
  return {
    state: replaceCuratedPrompts(ended, prompts),
    frames: [
      {
        type: 'seed_prompts_updated',
        prompts: [...prompts],
        reason: 'rewrite',
        raw_llm_output: raw,
        ...told,
        ...result,
      },
      { type: 'rewrite_seed_prompts_complete', ...result },
    ],
  };
}

/** The rewrite that the session waits for, one at a time. One that came with a checkpoint is begun anew, and not told again. */
export function rewriteCalls(
  { rewrite }: Session,
  host: PromptHost,
  { enhancer, gate, defaults }: PromptParts & { readonly defaults: RewriteDefaults },
): PromptCall[] {
  if (!rewrite || !enhancer) return [];
  return [{ slot: 'rewrite', key: rewrite, run: (signal) => run(rewrite, signal, enhancer) }];

  async function run(wish: RunningRewrite, signal: AbortSignal, model: PromptEnhancer): Promise<void> {
    const { prompts, count, instruction } = wish;
    const told = instruction === undefined ? {} : { instruction };
    const answer = await rewritePrompts(model, gate, prompts, { ...defaults, count, ...told, signal });
    if (!signal.aborted) host.take(endRewrite(host.state, wish, answer));
  }
}
