/** A key of a scenario, as a form shows it. */
export interface ScenarioKey {
  /** With dots, e.g. `worker.dies_at_frame`. */
  readonly key: string;
  /**
   * How a form shows it. `section` holds further keys; `list` is one of texts; `sessions` is a word, a list of whole
   * numbers, or a number.
   */
  readonly field: 'section' | 'number' | 'flag' | 'choice' | 'list' | 'text' | 'sessions';
  /** Of a `choice`. */
  readonly choices?: readonly string[];
  /** Ends the sentence "must be …": `a whole number, at least 1`, `"none" or "cut"`. */
  readonly takes: string;
  readonly description: string;
  readonly unit?: string;
  /** Unset: none. */
  readonly default?: unknown;
}

/** What `GET` and `PUT /mock/scenario` answer. */
export interface MockScenarioAnswer {
  /** The one that holds, every default filled in. */
  readonly scenario: object;
  readonly ready_made: readonly { readonly name: string; readonly scenario: object }[];
  readonly keys: readonly ScenarioKey[];
}
