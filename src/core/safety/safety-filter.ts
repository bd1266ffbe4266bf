/** What a filter says of one prompt. */
export interface SafetyDecision {
  /** `unavailable`: it could not be asked; what that means is for the operator to say (`streaming.safety.on_unavailable`). */
  readonly decision: 'allow' | 'block' | 'unavailable';
  /** The label that decided, e.g. `unsafe`; null where none did. */
  readonly label: string | null;
  /** The label's probability, 0 to 1; of an allowed prompt the highest that a blocked label got. Null where there is none. */
  readonly score: number | null;
  /** Why, in words for an operator. */
  readonly reason: string;
  /** The classifier that decided, by the name of its file; null where none did. */
  readonly classifier: string | null;
}

/** Looks at prompts before they are used. */
export interface SafetyFilter {
  /** One decision for each prompt, in order. Never throws but for the signal's reason. */
  check(prompts: readonly string[], signal?: AbortSignal): Promise<readonly SafetyDecision[]>;
  close(): Promise<void>;
}
