/** How a model's numbers become probabilities. */
export type Activation = 'softmax' | 'sigmoid' | 'none';

/**
 * What the output's name, or the numbers of a trial, say: probabilities are left alone, logits become so. One number
 * alone cannot be a softmax.
 */
export function activationFor(
  output: string,
  rows: readonly ArrayLike<number>[],
  multiLabel: boolean,
): Activation {
  const numbers = rows.flatMap((row) => Array.from(row));
  const within = numbers.every((value) => value >= 0 && value <= 1);
  const single = rows.every(({ length }) => length === 1);
  const named = /prob/i.test(output);
  const sumsToOne = rows.every(
    (row) => Math.abs(Array.from(row).reduce((sum, value) => sum + value, 0) - 1) < 1e-3,
  );
  if (within && (named || (!single && sumsToOne))) return 'none';
  return multiLabel || single ? 'sigmoid' : 'softmax';
}

/** One row's probabilities. */
export function activate(row: ArrayLike<number>, activation: Activation): ArrayLike<number> {
  const values = Array.from(row);
  switch (activation) {
    case 'none':
      // Sums of single precision come out a little above 1 at times.
      return values.map((value) => (value > 1 && value < 1.001 ? 1 : value));
    case 'sigmoid':
      return values.map((value) => 1 / (1 + Math.exp(-value)));
    case 'softmax': {
      const highest = Math.max(...values);
      const parts = values.map((value) => Math.exp(value - highest));
      const sum = parts.reduce((total, part) => total + part, 0);
      return parts.map((part) => part / sum);
    }
  }
}
