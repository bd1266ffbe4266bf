import { FastVideoError } from '../../src/core/base/errors.ts';
import type { Completion, PromptEnhancer, Rewrite } from '../../src/core/prompts/enhancer.ts';
import type { ClientFrame } from '../../src/core/protocol/native/client-frames.ts';
import type { ServerFrame } from '../../src/core/protocol/native/server-frames.ts';
import type { SafetyDecision, SafetyFilter } from '../../src/core/safety/safety-filter.ts';
import { ServerMetrics } from '../../src/core/server/metrics.ts';
import { promptCalls } from '../../src/core/server/native/prompt-calls.ts';
import { beginRewrite, rewriteCalls } from '../../src/core/server/native/rewrite.ts';
import { PromptGate } from '../../src/core/server/prompt-gate.ts';
import { PromptCalls } from '../../src/core/server/session/prompt-calls.ts';
import { advanceSession, newPromptId, wantsEnhancement } from '../../src/core/sessions/prompt-steps.ts';
import {
  endSegment,
  enqueue,
  openSession,
  type Session,
  type SessionToggles,
} from '../../src/core/sessions/session.ts';
import type { SessionStep } from '../../src/core/sessions/step.ts';

interface Setup {
  readonly toggles?: Partial<SessionToggles>;
  readonly curatedPrompts?: readonly string[];
  readonly enhancer?: PromptEnhancer;
  readonly filter?: SafetyFilter;
  readonly onUnavailable?: 'allow' | 'block';
  readonly segmentCap?: number;
  readonly callLimit?: number;
}

type RewriteFrame = Extract<ClientFrame, { type: 'rewrite_seed_prompts' }>;

/** A session whose segments take no time but end only when the test says so. */
export class PipelineHarness {
  readonly #over = new AbortController();
  readonly over = this.#over.signal;
  readonly frames: ServerFrame[] = [];
  readonly errors: FastVideoError[] = [];
  /** Prompts that were begun, with where they came from. */
  readonly made: string[] = [];
  readonly gate: PromptGate;
  readonly #enhancer: PromptEnhancer | undefined;
  readonly #segmentCap: number;
  readonly #calls: PromptCalls;
  #settling = false;
  state: Session;

  constructor({
    toggles,
    curatedPrompts = [],
    enhancer,
    filter,
    onUnavailable = 'block',
    segmentCap = 100,
    callLimit = 4,
  }: Setup) {
    this.state = openSession({
      id: 's',
      streamMode: 'av_fmp4',
      toggles: { enhancement: false, autoExtension: false, loop: false, ...toggles },
      singleClip: false,
      curatedPrompts,
      continuation: null,
    });
    this.#enhancer = enhancer;
    this.#segmentCap = segmentCap;
    this.gate = new PromptGate(filter, onUnavailable, new ServerMetrics());
    this.#calls = new PromptCalls({
      limit: callLimit,
      over: this.over,
      onEnd: (bug) => {
        if (bug) throw bug.error;
        this.pump();
      },
    });
  }

  take({ state, frames }: SessionStep<Session, ServerFrame>): void {
    if (this.over.aborted) return;
    this.state = state;
    for (const frame of frames) {
      if (frame instanceof FastVideoError) this.errors.push(frame);
      else this.frames.push(frame);
    }
    this.pump();
  }

  apply(state: Session): void {
    this.take({ state, frames: [] });
  }

  pump(): void {
    if (this.#settling) return;
    this.#settling = true;
    const enhancer = this.#enhancer;
    const means = { canWrite: enhancer !== undefined, segmentCap: this.#segmentCap };
    const parts = { gate: this.gate, ...(enhancer ? { enhancer } : {}) };
    for (let before: Session | undefined; before !== this.state; ) {
      before = this.state;
      for (let step = advanceSession(this.state, means); step; step = advanceSession(this.state, means)) {
        const begun = this.state.current ? null : step.state.current;
        if (begun) this.made.push(`${begun.prompt.source}: ${begun.prompt.prompt}`);
        this.state = step.state;
      }
      this.#calls.pursue([
        ...promptCalls(this.state, this, parts),
        ...rewriteCalls(this.state, this, { ...parts, defaults: {} }),
      ]);
    }
    this.#settling = false;
  }

  ask(prompt: string): void {
    const ready = this.gate.open && !wantsEnhancement(this.state, { canWrite: this.#enhancer !== undefined });
    const request = { prompt, source: 'user', requestedAt: 0, id: newPromptId(), ready } as const;
    const next = enqueue(this.state, request, 8);
    if (!next) throw new Error('the queue is full');
    this.apply(next);
  }

  rewrite(frame: RewriteFrame): void {
    this.take(beginRewrite(this.state, frame));
  }

  /** The running segment ends. */
  finish(): void {
    this.apply(
      endSegment(this.state, {
        started: true,
        completed: true,
        timeline: { videoFrames: 1 },
        durationMs: 1,
      }),
    );
  }

  leave(): void {
    this.#over.abort(new Error('the client has left'));
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }
}

type Answer = (prompt: string) => string | Promise<string>;

/** A provider's place is taken by a function. */
export function enhancerOf(enhance: Answer, extend: Answer = enhance): PromptEnhancer {
  const completion = async (content: string | Promise<string>): Promise<Completion> => ({
    content: await content,
    provider: 'test',
    model: 'words',
    latencyMs: 1,
    fallbackUsed: false,
  });
  return {
    model: 'words',
    enhance: (prompt) => completion(enhance(prompt)),
    autoExtend: (previous) => completion(extend(previous.join(' > '))),
    rewrite: async (prompts, options): Promise<Rewrite> => {
      const { content, ...rest } = await completion(enhance(prompts.join(' > ')));
      const made = Array.from(
        { length: options?.count ?? prompts.length },
        (_, index) => `${content} ${index}`,
      );
      return { ...rest, prompts: made, raw: content };
    },
    close: async () => {},
  };
}

export function failing(): never {
  throw new FastVideoError('prompt_failed', 'nobody answers');
}

/** Blocks prompts that hold `bad`, and cannot be asked about those that hold `odd`. */
export const filter: SafetyFilter = {
  check: async (prompts) =>
    prompts.map((prompt): SafetyDecision => {
      const decision = prompt.includes('bad') ? 'block' : prompt.includes('odd') ? 'unavailable' : 'allow';
      return {
        decision,
        label: decision === 'block' ? 'unsafe' : null,
        score: 1,
        reason: decision,
        classifier: null,
      };
    }),
  close: async () => {},
};
