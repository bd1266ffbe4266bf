import { clientMessage } from '../../base/client-text.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { PromptEnhancer, Rewrite } from '../../prompts/enhancer.ts';
import type { ClientFrame } from '../../protocol/native/client-frames.ts';
import { type RunningRewrite, replaceCuratedPrompts } from '../../sessions/session.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';
import type { PipelineSession } from './prompt-pipeline.ts';

type RewriteFrame = Extract<ClientFrame, { type: 'rewrite_seed_prompts' }>;

/** Has the curated prompts of a session rewritten, one rewrite at a time. */
export class SeedRewrite {
  readonly #session: PipelineSession;
  readonly #enhancer: PromptEnhancer;
  readonly #gate: PromptGate;
  readonly #defaults: RewriteDefaults;

  constructor(
    session: PipelineSession,
    enhancer: PromptEnhancer,
    gate: PromptGate,
    defaults: RewriteDefaults,
  ) {
    this.#defaults = defaults;
    this.#session = session;
    this.#enhancer = enhancer;
    this.#gate = gate;
  }

  /** Throws `invalid_message` while another one runs, and when there is nothing to rewrite. */
  begin(frame: RewriteFrame): void {
    if (this.#session.state.rewrite) {
      throw new FastVideoError('invalid_message', 'rewrite_seed_prompts: a rewrite is running already.');
    }
    const { curatedPrompts } = this.#session.state;
    if (curatedPrompts.length === 0 && !frame.rewrite_instruction?.trim()) {
      const message = 'rewrite_seed_prompts: there are no curated prompts and no rewrite_instruction.';
      throw new FastVideoError('invalid_message', message);
    }
    const instruction = frame.rewrite_instruction?.trim();
    const rewrite: RunningRewrite = {
      prompts: curatedPrompts.length > 0 ? curatedPrompts : [instruction ?? ''],
      count: frame.count,
      ...(instruction ? { instruction } : {}),
    };
    this.#session.send({ type: 'rewrite_seed_prompts_started' });
    this.#session.apply({ ...this.#session.state, rewrite });
    void this.#run(rewrite);
  }

  /** The session goes on here: the rewrite that ran where it was before is begun anew, and not told again. */
  goOn(): void {
    const { rewrite } = this.#session.state;
    if (rewrite) void this.#run(rewrite);
  }

  async #run({ prompts: old, count, instruction }: RunningRewrite): Promise<void> {
    const session = this.#session;
    const told = instruction ? { rewrite_instruction: instruction } : {};
    const startedAt = performance.now();
    try {
      const rewrite = await this.#enhancer.rewrite(old, {
        ...this.#defaults,
        count,
        signal: session.over,
        ...(instruction ? { instruction } : {}),
      });
      const prompts = await this.#allowed(rewrite);
      const result = {
        fallback_used: rewrite.fallbackUsed,
        model: rewrite.model,
        latency_ms: roundMs(rewrite.latencyMs),
      };
      session.apply({ ...replaceCuratedPrompts(session.state, prompts), rewrite: null });
      const raw = { raw_llm_output: rewrite.raw };
      session.send({ type: 'seed_prompts_updated', prompts, reason: 'rewrite', ...raw, ...told, ...result });
      session.send({ type: 'rewrite_seed_prompts_complete', ...result });
    } catch (error) {
      if (session.over.aborted) return;
      // The old prompts stay.
      const latency_ms = roundMs(performance.now() - startedAt);
      const result = { fallback_used: true, error: clientMessage(error), latency_ms };
      const prompts = [...session.state.curatedPrompts];
      session.apply({ ...session.state, rewrite: null });
      session.send({ type: 'seed_prompts_updated', prompts, reason: 'rewrite', ...told, ...result });
      session.send({ type: 'rewrite_seed_prompts_complete', ...result });
    }
  }

  /** What a model wrote passes the filter like what a person wrote; what does not is left out. */
  async #allowed({ prompts }: Rewrite): Promise<string[]> {
    const { over } = this.#session;
    const objections = await Promise.all(prompts.map((prompt) => this.#gate.objection([prompt], over)));
    const allowed = prompts.filter((_, index) => objections[index] === undefined);
    const objection = objections.find((one) => one !== undefined);
    if (allowed.length === 0 && objection) throw objection;
    return allowed;
  }
}
