import type { SafetyDecision, SafetyFilter } from '../../safety/safety-filter.ts';
import type { ServerMetrics } from '../../server/metrics.ts';
import { PromptGate } from '../../server/prompt-gate.ts';
import type { FaultInjection } from '../fault-injection.ts';

interface GateParts {
  /** The configured one; undefined where none is. */
  readonly filter: SafetyFilter | undefined;
  readonly onUnavailable: 'allow' | 'block';
  readonly metrics: ServerMetrics;
}

/** A gate whose filter blocks or is away as the scenario of its client has it. */
export class FaultyGate extends PromptGate {
  readonly #configured: SafetyFilter | undefined;
  readonly #faults: FaultInjection;

  constructor(faults: FaultInjection, { filter, onUnavailable, metrics }: GateParts) {
    super(faultyFilter(filter, faults), onUnavailable, metrics);
    this.#configured = filter;
    this.#faults = faults;
  }

  /** Without a filter and without trouble, nothing has to be waited for, as on a real server. */
  override get open(): boolean {
    return this.#configured === undefined && safetyFaults(this.#faults) === undefined;
  }
}

function safetyFaults({ current }: FaultInjection) {
  const trouble = current?.trouble;
  if (!trouble?.concerns('safety')) return undefined;
  const { safety } = trouble.scenario;
  return safety.unavailable || safety.blocked_words.length > 0 ? safety : undefined;
}

function faultyFilter(inner: SafetyFilter | undefined, faults: FaultInjection): SafetyFilter {
  return {
    async check(prompts, signal) {
      signal?.throwIfAborted();
      const safety = safetyFaults(faults);
      if (safety?.unavailable) return prompts.map(() => unavailable);
      const decisions = inner ? await inner.check(prompts, signal) : prompts.map(() => allowed);
      return prompts.map((prompt, index) => {
        const word = safety?.blocked_words.find((one) => prompt.toLowerCase().includes(one.toLowerCase()));
        return word === undefined ? (decisions[index] ?? allowed) : blockedBy(word);
      });
    },
    close: async () => await inner?.close(),
  };
}

const common = { label: null, score: null, classifier: null } as const;
const allowed: SafetyDecision = { ...common, decision: 'allow', reason: 'No filter is configured.' };
const unavailable: SafetyDecision = {
  ...common,
  decision: 'unavailable',
  reason: 'The safety filter does not answer (mock scenario).',
};

function blockedBy(word: string): SafetyDecision {
  return {
    decision: 'block',
    label: 'unsafe',
    score: 1,
    reason: `It contains the word "${word}" (mock scenario).`,
    classifier: 'mock',
  };
}
