/** How a model's numbers become probabilities. */
export type Activation = 'softmax' | 'sigmoid' | 'none';

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
