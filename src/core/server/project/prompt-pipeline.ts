import { clientMessage } from '../../base/client-text.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { RawPrompt } from '../../sessions/project/project-state.ts';
import { dropRaw, promptEnhancing, promptFailed, promptReady } from '../../sessions/project/user-prompts.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';
import { promptError } from './project-error.ts';
import type { ProjectHost } from './project-host.ts';

/** Makes the prompts of the user ready, one at a time and in the order in which they came. */
export class ProjectPromptDesk {
  readonly #host: ProjectHost;
  readonly #gate: PromptGate;
  /** Unset: prompts are used as they are. */
  readonly #enhancer: PromptEnhancer | undefined;
  /** What an operator set since the start; read at each prompt. */
  readonly #defaults: RewriteDefaults;
  #running: { readonly key: number; readonly abort: AbortController } | undefined;

  constructor(
    host: ProjectHost,
    gate: PromptGate,
    enhancer: PromptEnhancer | undefined,
    defaults: RewriteDefaults,
  ) {
    this.#host = host;
    this.#gate = gate;
    this.#enhancer = enhancer;
    this.#defaults = defaults;
  }

  /** Called at each change: takes up the next prompt, and gives up one that was dropped. */
  consider(): void {
    const { state, over } = this.#host;
    const running = this.#running;
    if (running) {
      if (state.raw.some(({ key }) => key === running.key)) return;
      running.abort.abort(new FastVideoError('interrupted', 'The prompt was dropped.'));
      this.#running = undefined;
    }
    const [prompt] = state.raw;
    // The start of a stream drops those that wait.
    if (!prompt || over.aborted || state.pendingStart) return;
    if (!this.#enhancer || !state.toggles.enhancement) {
      this.#host.take(promptReady(state, prompt.key, prompt.prompt, null));
      return;
    }
    const abort = new AbortController();
    this.#running = { key: prompt.key, abort };
    void this.#enhance(prompt, this.#enhancer, abort.signal);
  }

  async #enhance(prompt: RawPrompt, enhancer: PromptEnhancer, dropped: AbortSignal): Promise<void> {
    const host = this.#host;
    const signal = AbortSignal.any([host.over, dropped]);
    const startedAt = performance.now();
    host.take(promptEnhancing(host.state, prompt.key));
    try {
      const model = host.state.rewriteSettings.model ?? this.#defaults.model;
      const options = { signal, ...(model === undefined ? {} : { model }) };
      const { content, latencyMs } = await enhancer.enhance(prompt.prompt, options);
      // What a model wrote is looked at like what a person wrote.
      const objection = await this.#gate.objection([content], signal);
      if (signal.aborted) return;
      this.#running = undefined;
      if (objection) this.#drop(prompt, objection);
      else host.take(promptReady(host.state, prompt.key, content, roundMs(latencyMs)));
    } catch (error) {
      if (signal.aborted) return;
      this.#running = undefined;
      const latencyMs = roundMs(performance.now() - startedAt);
      host.take(promptFailed(host.state, prompt.key, clientMessage(promptError(error)), latencyMs));
    }
  }

  #drop(prompt: RawPrompt, objection: FastVideoError): void {
    this.#host.sendError(objection);
    this.#host.take({ state: dropRaw(this.#host.state, prompt.key), frames: [] });
  }
}
