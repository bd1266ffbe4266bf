import { clientMessage } from '../../base/client-text.ts';
import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import {
  changePrompt,
  dropPrompt,
  type OwnPrompt,
  ownWish,
  planAhead,
  rememberEnhanced,
  type SegmentPrompt,
  type Session,
} from '../../sessions/session.ts';
import type { PromptGate } from '../prompt-gate.ts';
import { roundMs } from '../round-ms.ts';

/** The session whose prompts lie on the pipeline. */
export interface PipelineSession {
  readonly state: Session;
  apply(next: Session): void;
  send(frame: ServerFrame): void;
  sendError(error: FastVideoError): void;
  /** Aborts when the session is over. */
  readonly over: AbortSignal;
}

export interface PipelineParts {
  readonly gate: PromptGate;
  /** Unset: nobody enhances, extends or rewrites. */
  readonly enhancer?: PromptEnhancer;
  readonly segmentCap: number;
}

/** The better words, undefined when the user's own have to do, and what the client is told when they are used. */
interface Enhanced {
  readonly better: string | undefined;
  readonly told: ServerFrame | undefined;
}

const asItIs: Enhanced = { better: undefined, told: undefined };

let nextPromptId = 1;

/** A prompt that has just come. */
export function newPrompt(prompt: Omit<SegmentPrompt, 'id' | 'ready'>): SegmentPrompt {
  return { ...prompt, id: newPromptId(), ready: false };
}

export function newPromptId(): number {
  return nextPromptId++;
}

/**
 * Gets prompts ready to be made: each is looked at by the safety filter and enhanced where the session wants that, all
 * at the same time, while earlier segments are being made. The order stays that in which they came.
 */
export class PromptPipeline {
  readonly #session: PipelineSession;
  readonly #parts: PipelineParts;
  /**
   * Calls that are under way. A client that takes a wish back and has it again, by a toggle, is given the answer of the
   * call that its first one began: it cannot make the provider work more often than segments are made.
   */
  readonly #enhancing = new Map<string, Promise<Enhanced>>();
  #writing: { readonly history: readonly string[]; readonly call: Promise<string> } | undefined;

  constructor(session: PipelineSession, parts: PipelineParts) {
    this.#session = session;
    this.#parts = parts;
  }

  /** A request that waits in the session is made ready, or told why it is not made. */
  prepare(prompt: SegmentPrompt): void {
    if (this.#parts.gate.open && !this.#wantsEnhancement()) {
      this.#change(prompt, { ready: true });
      return;
    }
    void this.#guard(prompt, async () => {
      const objection = await this.#parts.gate.objection([prompt.prompt], this.#session.over);
      if (objection) {
        this.#drop(prompt, objection);
        return;
      }
      const { better, told } = this.#wantsEnhancement() ? await this.#enhance(prompt) : asItIs;
      if (told) this.#session.send(told);
      this.#change(
        prompt,
        better === undefined ? { ready: true } : { ready: true, prompt: better, source: 'enhanced' },
      );
    });
  }

  /** The session goes on here: what was not ready where it was before is worked on again. */
  goOn({ waiting, ahead }: Pick<Session, 'waiting' | 'ahead'>): void {
    for (const prompt of waiting) if (!prompt.ready) this.prepare(prompt);
    if (!ahead || ahead.ready || this.#session.state.ahead !== ahead) return;
    const { enhancer } = this.#parts;
    if (ahead.curatedIndex !== null) void this.#guard(ahead, () => this.#enhanceCurated(ahead));
    else if (enhancer) void this.#guard(ahead, () => this.#write(ahead, enhancer));
    else this.#session.apply(dropPrompt(this.#session.state, ahead.id));
  }

  /** Plans what the server makes next by itself, if it is to go on. */
  planAhead(): void {
    const { state } = this.#session;
    const made = state.completedSegments + (state.current === null ? 0 : 1);
    const wish = made < this.#parts.segmentCap ? ownWish(state) : null;
    if (!wish) return;
    const common = { id: newPromptId(), requestedAt: performance.now() };
    if (wish.kind === 'curated') {
      const known = state.enhanced.get(wish.prompt);
      const ready = known !== undefined || !this.#wantsEnhancement();
      const prompt = this.#wantsEnhancement() ? (known ?? wish.prompt) : wish.prompt;
      const own: OwnPrompt = { ...common, prompt, source: 'curated', curatedIndex: wish.index, ready };
      this.#session.apply(planAhead(state, own));
      if (!ready) void this.#guard(own, () => this.#enhanceCurated(own));
      return;
    }
    const { enhancer } = this.#parts;
    if (!enhancer || state.writingFailed) return;
    const own: OwnPrompt = {
      ...common,
      prompt: '',
      source: 'auto_extension',
      curatedIndex: null,
      ready: false,
    };
    this.#session.apply(planAhead(state, own));
    void this.#guard(own, () => this.#write(own, enhancer));
  }

  async #enhanceCurated(own: OwnPrompt): Promise<void> {
    const running = this.#enhancing.get(own.prompt);
    const call = running ?? this.#enhance(own);
    if (!running) {
      this.#enhancing.set(own.prompt, call);
      const ended = () => this.#enhancing.delete(own.prompt);
      call.then(ended, ended);
    }
    const { better, told } = await call;
    const { over, state } = this.#session;
    if (told && !running) this.#session.send(told);
    if (over.aborted) return;
    const next = better === undefined ? state : rememberEnhanced(state, own.prompt, better);
    const change = better === undefined ? { ready: true } : { ready: true, prompt: better };
    this.#session.apply(changePrompt(next, own.id, change));
  }

  async #write(own: OwnPrompt, enhancer: PromptEnhancer): Promise<void> {
    const { over, state } = this.#session;
    try {
      const content = await this.#written(state.history, enhancer);
      this.#change(own, { ready: true, prompt: content, requestedAt: performance.now() });
    } catch (error) {
      if (over.aborted) throw error;
      this.#session.sendError(promptError(error));
      this.#session.apply({ ...dropPrompt(this.#session.state, own.id), writingFailed: true });
    }
  }

  /** The prompt that follows these. */
  async #written(history: readonly string[], enhancer: PromptEnhancer): Promise<string> {
    if (this.#writing?.history !== history) {
      this.#writing = { history, call: this.#writeAfter(history, enhancer) };
    }
    const { call } = this.#writing;
    try {
      return await call;
    } catch (error) {
      // The next wish is a new call.
      if (this.#writing?.call === call) this.#writing = undefined;
      throw error;
    }
  }

  async #writeAfter(history: readonly string[], enhancer: PromptEnhancer): Promise<string> {
    const { over } = this.#session;
    const { content } = await enhancer.autoExtend(history, { signal: over });
    const objection = await this.#parts.gate.objection([content], over);
    if (objection) throw objection;
    return content;
  }

  /** The client was told before when the prompt was being enhanced elsewhere. */
  async #enhance(prompt: SegmentPrompt): Promise<Enhanced> {
    const { enhancer, gate } = this.#parts;
    if (!enhancer) return asItIs;
    const { over } = this.#session;
    const { enhancingFor = this.#segmentIdxOf(prompt) } = prompt;
    const frame = { segment_idx: enhancingFor, source: prompt.source };
    const startedAt = performance.now();
    if (prompt.enhancingFor === undefined) {
      this.#session.send({ type: 'prompt_enhancing', ...frame, prompt: prompt.prompt });
      this.#change(prompt, { enhancingFor });
    }
    try {
      const { content, provider, model, latencyMs } = await enhancer.enhance(prompt.prompt, { signal: over });
      // What a model wrote is looked at like what a person wrote.
      const objection = await gate.objection([content], over);
      if (objection) throw objection;
      const answer = { provider, model, latency_ms: roundMs(latencyMs) };
      return { better: content, told: { type: 'prompt_ready', ...frame, prompt: content, ...answer } };
    } catch (error) {
      if (over.aborted) throw error;
      const latency_ms = roundMs(performance.now() - startedAt);
      const { prompt: words } = prompt;
      const fallback = { type: 'prompt_fallback_used', ...frame, prompt: words, latency_ms } as const;
      return { better: undefined, told: { ...fallback, error: clientMessage(error) } };
    }
  }

  /** The index that its segment gets when all before it are made. */
  #segmentIdxOf(prompt: SegmentPrompt): number {
    const { waiting, nextSegmentIdx } = this.#session.state;
    const place = waiting.findIndex(({ id }) => id === prompt.id);
    return nextSegmentIdx + Math.max(0, place);
  }

  #wantsEnhancement(): boolean {
    return this.#parts.enhancer !== undefined && this.#session.state.toggles.enhancement;
  }

  #change(prompt: SegmentPrompt, change: Partial<SegmentPrompt>): void {
    if (!this.#session.over.aborted)
      this.#session.apply(changePrompt(this.#session.state, prompt.id, change));
  }

  #drop(prompt: SegmentPrompt, error: FastVideoError): void {
    this.#session.sendError(error);
    this.#session.apply(dropPrompt(this.#session.state, prompt.id));
  }

  async #guard(prompt: SegmentPrompt, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // A session that is over has told its client what becomes of the prompts that wait.
      if (!this.#session.over.aborted) this.#drop(prompt, promptError(error));
    }
  }
}

/** What a client is told when a provider could not help: codes of this side have none of their own on the wire. */
export function promptError(error: unknown): FastVideoError {
  const known = toFastVideoError(error);
  if (known.code !== 'prompt_failed') return known;
  return new FastVideoError('internal_error', known.message, { retryable: known.retryable, cause: error });
}
