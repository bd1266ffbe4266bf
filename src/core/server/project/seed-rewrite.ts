import { clientMessage } from '../../base/client-text.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { PromptEnhancer, Rewrite } from '../../prompts/enhancer.ts';
import type { ProjectRewriteWish, RewriteSettings } from '../../sessions/project/project-state.ts';
import {
  beginRewrite,
  dropRewrite,
  endRewrite,
  type RewriteResult,
} from '../../sessions/project/rewrite-steps.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';
import { invalid, noProvider, promptError } from './project-error.ts';
import type { ProjectHost } from './project-host.ts';

export interface RewriteWish extends Pick<ProjectRewriteWish, 'by' | 'instruction'> {
  /** Rewritten in place of the seed prompts, where there are any. */
  readonly window: readonly string[];
  /** The session's from here on. */
  readonly settings: RewriteSettings;
}

/** Prompts of a rollout that is made from one wish alone. */
const freshPrompts = 6;

/** Has the seed prompts of a project rewritten, one rewrite at a time. */
export class ProjectRewrite {
  readonly #host: ProjectHost;
  readonly #gate: PromptGate;
  readonly #enhancer: PromptEnhancer | undefined;
  readonly #segmentCap: number;
  /** What an operator set since the start; read at each rewrite. */
  readonly #defaults: RewriteDefaults;
  #running: { readonly wish: ProjectRewriteWish; readonly abort: AbortController } | undefined;

  constructor(
    host: ProjectHost,
    gate: PromptGate,
    enhancer: PromptEnhancer | undefined,
    { segmentCap, defaults }: { readonly segmentCap: number; readonly defaults: RewriteDefaults },
  ) {
    this.#host = host;
    this.#gate = gate;
    this.#enhancer = enhancer;
    this.#segmentCap = segmentCap;
    this.#defaults = defaults;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Throws `invalid_message` without a provider, with nothing to rewrite, and while another one runs. */
  begin(wish: RewriteWish): void {
    if (!this.#enhancer) throw noProvider('Rewriting prompts');
    if (this.#running?.wish.by === 'client')
      throw invalid('rewrite_seed_prompts: a rewrite is running already.');
    const { seeds, rolloutPrompt } = this.#host.state;
    const old = wish.window.length > 0 ? wish.window : seeds;
    const instruction = wish.instruction ?? (old.length > 0 ? undefined : rolloutPrompt);
    if (old.length === 0 && instruction === undefined) {
      throw invalid('rewrite_seed_prompts: there are no seed prompts and no rewrite_instruction.');
    }
    // A wish about a rollout that has no prompt yet is a change to what it was asked for with.
    const idea = rolloutPrompt !== undefined && rolloutPrompt !== instruction ? [rolloutPrompt] : [];
    const prompts = old.length > 0 ? old : idea;
    const anew = old.length === 0;
    const count = anew ? Math.min(freshPrompts, this.#segmentCap) : old.length;
    if (this.#running) {
      this.#stop(this.#running.abort);
      this.#host.take({ state: dropRewrite(this.#host.state), frames: [] });
    }
    this.#host.take({ state: { ...this.#host.state, rewriteSettings: wish.settings }, frames: [] });
    this.#start(this.#enhancer, {
      by: wish.by,
      prompts,
      count,
      anew,
      settings: this.#asked(this.#enhancer, wish.settings, anew),
      ...(instruction === undefined ? {} : { instruction }),
    });
  }

  /** What the client set counts before what an operator set since the start, and that before the config. */
  #asked(
    enhancer: PromptEnhancer,
    { windowSystemPrompt, userSystemPrompt, ...own }: RewriteSettings,
    anew: boolean,
  ): ProjectRewriteWish['settings'] {
    const systemPrompt = anew ? (userSystemPrompt ?? windowSystemPrompt) : windowSystemPrompt;
    return {
      model: enhancer.model,
      ...this.#defaults,
      ...own,
      ...(systemPrompt === undefined ? {} : { systemPrompt }),
    };
  }

  /** The session goes on here: the rewrite that ran where it was before is begun anew, and not told again. */
  goOn(): void {
    const { rewrite } = this.#host.state;
    if (!rewrite) return;
    if (this.#enhancer) {
      this.#start(this.#enhancer, rewrite);
      return;
    }
    const { message } = noProvider('Rewriting prompts');
    this.#host.take(endRewrite(this.#host.state, failure(rewrite, message)));
  }

  /** Ends the running one without a result, and says why. */
  giveUp(why: string): void {
    if (!this.#running) return;
    const { wish, abort } = this.#running;
    this.#stop(abort);
    this.#host.take(endRewrite(this.#host.state, failure(wish, why)));
  }

  #start(enhancer: PromptEnhancer, wish: ProjectRewriteWish): void {
    const abort = new AbortController();
    this.#running = { wish, abort };
    if (this.#host.state.rewrite !== wish) this.#host.take(beginRewrite(this.#host.state, wish));
    void this.#run(enhancer, wish, abort.signal);
  }

  #stop(abort: AbortController): void {
    abort.abort(new FastVideoError('interrupted', 'The rewrite was abandoned.'));
    this.#running = undefined;
  }

  async #run(enhancer: PromptEnhancer, wish: ProjectRewriteWish, given: AbortSignal): Promise<void> {
    const { prompts, count, anew, settings, instruction } = wish;
    const host = this.#host;
    const signal = AbortSignal.any([host.over, given]);
    const told = instruction === undefined ? {} : { instruction };
    const startedAt = performance.now();
    try {
      const rewrite = await enhancer.rewrite(prompts, { count, anew, ...told, ...settings, signal });
      const allowed = await this.#allowed(rewrite, signal);
      if (signal.aborted) return;
      this.#running = undefined;
      const { fallbackUsed, model, raw } = rewrite;
      const result = { prompts: allowed, fallbackUsed, model, raw, latencyMs: roundMs(rewrite.latencyMs) };
      host.take(endRewrite(host.state, { ...result, ...told }));
    } catch (error) {
      if (signal.aborted) return;
      this.#running = undefined;
      // The old prompts stay.
      const latencyMs = roundMs(performance.now() - startedAt);
      const failed = failure(wish, clientMessage(promptError(error)), latencyMs);
      host.take(endRewrite(host.state, { ...failed, ...told }));
    }
  }

  /** What a model wrote passes the filter like what a person wrote; what does not is left out. */
  async #allowed({ prompts }: Rewrite, signal: AbortSignal): Promise<string[]> {
    const objections = await Promise.all(prompts.map((prompt) => this.#gate.objection([prompt], signal)));
    const allowed = prompts.filter((_, index) => objections[index] === undefined);
    if (allowed.length > 0) return allowed;
    throw (
      objections.find((one) => one !== undefined) ??
      new FastVideoError('prompt_failed', 'The model wrote no prompt.')
    );
  }
}

function failure({ settings: { model } }: ProjectRewriteWish, error: string, latencyMs = 0): RewriteResult {
  return { prompts: [], fallbackUsed: true, error, model, latencyMs };
}
