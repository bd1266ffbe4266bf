/** A model that gives a text a probability for each of its labels. */
export interface TextClassifier {
  /** As the model names them, without `__label__`. */
  readonly labels: readonly string[];
  /**
   * For each text the probabilities of all labels, in the order of `labels`, or why the model has none for it. Blocks the
   * thread while the model runs.
   */
  score(texts: readonly string[]): Promise<readonly (ArrayLike<number> | Error)[]>;
}
