import type { GraphBuilder, Value } from './graph-builder.ts';

/** How one weight is drawn: `center` plus chance of its own (`base`), plus what the latent makes of it (`spread`). */
export interface WeightSpec {
  readonly center?: number;
  /** Standard deviation of the part that all prompts share; default 0. */
  readonly base?: number;
  /** Standard deviation of the part that follows from the latent; default 0. */
  readonly spread?: number;
}

/** Entries of the latent that shape the picture, as a column; |z|^2 is 20, one for each entry. */
export const latentSize = 20;

/** A weight matrix [rows, cols] that depends on the latent: `base + D * z`. */
export function weights(
  graph: GraphBuilder,
  latent: Value,
  random: () => number,
  shape: readonly [rows: number, cols: number],
  spec: (row: number, col: number) => WeightSpec,
): Value {
  const [rows, cols] = shape;
  const base: number[] = [];
  const directions: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const { center = 0, base: own = 0, spread = 0 } = spec(row, col);
      base.push(center + own * random());
      for (let index = 0; index < latentSize; index++) {
        directions.push((spread * random()) / Math.sqrt(latentSize));
      }
    }
  }
  const count = rows * cols;
  const byLatent = graph.op('MatMul', [graph.floats(directions, [count, latentSize]), latent]);
  const flat = graph.op('Add', [byLatent, graph.floats(base, [count, 1])]);
  return graph.reshape(flat, [rows, cols]);
}
