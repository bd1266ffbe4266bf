import { clientMessage } from '../../base/client-text.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import {
  askExtension,
  extensionFailed,
  extensionWritten,
  wantsExtension,
} from '../../sessions/project/extension.ts';
import type { ProjectState } from '../../sessions/project/project-state.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';
import { noProvider, promptError } from './project-error.ts';
import type { ProjectHost } from './project-host.ts';

/** Has the next prompt written where no other is left, while the segment before it is being made. */
export class AutoExtension {
  readonly #host: ProjectHost;
  readonly #gate: PromptGate;
  readonly #enhancer: PromptEnhancer | undefined;
  readonly #segmentCap: number;
  /** What an operator set since the start; read at each prompt. */
  readonly #defaults: RewriteDefaults;

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

  /** Called at each change. */
  consider(): void {
    const { state, over } = this.#host;
    if (over.aborted || !wantsExtension(state, this.#segmentCap)) return;
    const asked = askExtension(state);
    if (!this.#enhancer) {
      const { message } = noProvider('Auto-extension');
      this.#host.take(extensionFailed(asked, asked.streams, message, 0));
      return;
    }
    this.#host.take({ state: asked, frames: [] });
    void this.#write(asked, this.#enhancer);
  }

  async #write(asked: ProjectState, enhancer: PromptEnhancer): Promise<void> {
    const host = this.#host;
    const { over } = host;
    const startedAt = performance.now();
    try {
      const model = asked.rewriteSettings.model ?? this.#defaults.model;
      const options = { signal: over, ...(model === undefined ? {} : { model }) };
      const { content } = await enhancer.autoExtend(asked.history, options);
      const objection = await this.#gate.objection([content], over);
      if (objection) throw objection;
      if (over.aborted) return;
      host.take({ state: extensionWritten(host.state, asked.streams, content), frames: [] });
    } catch (error) {
      if (over.aborted) return;
      const latencyMs = roundMs(performance.now() - startedAt);
      host.take(extensionFailed(host.state, asked.streams, clientMessage(promptError(error)), latencyMs));
    }
  }
}
