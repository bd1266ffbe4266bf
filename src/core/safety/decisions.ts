import type { Scored } from './process/messages.ts';
import type { SafetyDecision } from './safety-filter.ts';

/** There is nothing to object to. */
export const blankAllowed: SafetyDecision = {
  decision: 'allow',
  label: null,
  score: null,
  reason: 'The prompt is blank.',
  classifier: null,
};

export function allowed({ label, score }: Scored, threshold: number): SafetyDecision {
  const reason = `${label} ${score.toFixed(3)} is below ${threshold}.`;
  return { decision: 'allow', label: null, score: rounded(score), reason, classifier: null };
}

export function blocked({ label, score }: Scored, threshold: number, classifier: string): SafetyDecision {
  const reason = `${label} ${score.toFixed(3)} reaches ${threshold}.`;
  return { decision: 'block', label, score: rounded(score), reason, classifier };
}

export function unavailable(reason: string): SafetyDecision {
  return { decision: 'unavailable', label: null, score: null, reason, classifier: null };
}

/** To a millionth: what follows is noise. */
function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
