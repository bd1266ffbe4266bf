import { FastVideoError } from '../../src/core/base/errors.ts';
import type { Completion, PromptEnhancer, Rewrite } from '../../src/core/prompts/enhancer.ts';
import type { ServerFrame } from '../../src/core/protocol/native/server-frames.ts';
import type { SafetyDecision, SafetyFilter } from '../../src/core/safety/safety-filter.ts';
import { ServerMetrics } from '../../src/core/server/metrics.ts';
import { newPrompt, PromptPipeline } from '../../src/core/server/native/prompt-pipeline.ts';
import { PromptGate } from '../../src/core/server/prompt-gate.ts';
import {
  endSegment,
  enqueue,
  enterPhase,
  openSession,
  type Session,
  type SessionToggles,
  takeNext,
} from '../../src/core/sessions/session.ts';

interface Setup {
  readonly toggles?: Partial<SessionToggles>;
  readonly curatedPrompts?: readonly string[];
  readonly enhancer?: PromptEnhancer;
  readonly filter?: SafetyFilter;
  readonly onUnavailable?: 'allow' | 'block';
  readonly segmentCap?: number;
}

/** A session whose segments take no time but end only when the test says so. */
export class PipelineHarness {
  readonly #over = new AbortController();
  readonly over = this.#over.signal;
  readonly frames: ServerFrame[] = [];
  readonly errors: FastVideoError[] = [];
  /** Prompts that were begun, with where they came from. */
  readonly made: string[] = [];
  readonly pipeline: PromptPipeline;
  readonly gate: PromptGate;
  state: Session;

  constructor({
    toggles,
    curatedPrompts = [],
    enhancer,
    filter,
    onUnavailable = 'block',
    segmentCap = 100,
  }: Setup) {
    const session = openSession({
      id: 's',
      streamMode: 'av_fmp4',
      toggles: { enhancement: false, autoExtension: false, loop: false, ...toggles },
      singleClip: false,
      curatedPrompts,
      continuation: null,
    });
    this.state = enterPhase(enterPhase(session, 'GPU_BINDING'), 'ACTIVE');
    this.gate = new PromptGate(filter, onUnavailable, new ServerMetrics());
    this.pipeline = new PromptPipeline(this, {
      gate: this.gate,
      segmentCap,
      ...(enhancer ? { enhancer } : {}),
    });
  }

  apply(next: Session): void {
    this.state = next;
    this.pump();
  }

  pump(): void {
    this.pipeline.planAhead();
    const next = takeNext(this.state);
    if (!next) return;
    this.state = next.session;
    this.made.push(`${next.segment.prompt.source}: ${next.segment.prompt.prompt}`);
    this.pipeline.planAhead();
  }

  send(frame: ServerFrame): void {
    this.frames.push(frame);
  }

  sendError(error: FastVideoError): void {
    this.errors.push(error);
  }

  ask(prompt: string): void {
    const request = newPrompt({ prompt, source: 'user', requestedAt: 0 });
    const next = enqueue(this.state, request, 8);
    if (!next) throw new Error('the queue is full');
    this.apply(next);
    this.pipeline.prepare(request);
  }

  /** The running segment ends. */
  finish(): void {
    this.state = endSegment(this.state, {
      started: true,
      completed: true,
      timeline: { videoFrames: 1 },
      durationMs: 1,
    });
    this.pump();
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
