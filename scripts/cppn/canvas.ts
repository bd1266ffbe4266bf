import type { GraphBuilder, Value } from './graph-builder.ts';

/** Above these numbers of pixels the picture is computed at a third and at a quarter of its size, else at half. */
const thirdAbove = 450_000;
const quarterAbove = 1_200_000;

export interface Canvas {
  /** Rows x, y and 1 of each computed point, one point more on every side than the picture has: [3, P]. */
  readonly points: Value;
  /** `[height + 2, width + 2]` of the computed points. */
  readonly paddedSize: Value;
  /** `[height, width]` of the computed picture. */
  readonly size: Value;
  /** Half the computed picture's shorter side, in points. */
  readonly unit: Value;
  /** The number of frames, as a list of one. */
  batch(t: Value): Value;
}

/** The grid of points that is computed; y runs from -1 to 1 on the shorter side. */
export function canvasOf(graph: GraphBuilder, size: Value): Canvas {
  const pixels = graph.op('ReduceProd', [size], { keepdims: 1 });
  const over = (limit: number) => graph.cast(graph.op('Greater', [pixels, graph.ints([limit])]), 'int64');
  const divisor = graph.op('Add', [graph.op('Add', [graph.ints([2]), over(thirdAbove)]), over(quarterAbove)]);
  const raised = graph.op('Sub', [graph.op('Add', [size, divisor]), graph.ints([1])]);
  const smallSize = graph.op('Div', [raised, divisor]);
  const paddedSize = graph.op('Add', [smallSize, graph.ints([2])]);
  const floatSize = graph.cast(smallSize, 'float');
  const unit = graph.op('Mul', [graph.op('ReduceMin', [floatSize], { keepdims: 1 }), graph.scalar(0.5)]);

  const axis = (index: number, shape: readonly number[]) => {
    const count = graph.reshape(graph.slice(paddedSize, 0, index, index + 1), []);
    const range = graph.op('Range', [graph.ints([0], []), count, graph.ints([1], [])]);
    const half = graph.op('Mul', [graph.slice(floatSize, 0, index, index + 1), graph.scalar(0.5)]);
    // Point 0 lies one before the picture, and points are centred: i - 0.5.
    const centred = graph.op('Sub', [graph.op('Sub', [graph.cast(range, 'float'), graph.scalar(0.5)]), half]);
    return graph.op('Expand', [graph.reshape(graph.op('Div', [centred, unit]), shape), paddedSize]);
  };
  const x = graph.reshape(axis(1, [1, -1]), [1, -1]);
  const y = graph.reshape(axis(0, [-1, 1]), [1, -1]);
  const one = graph.op('Cos', [graph.op('Mul', [x, graph.scalar(0)])]);
  const points = graph.concat([x, y, one], 0);
  const batch = (t: Value) => graph.slice(graph.op('Shape', [t]), 0, 0, 1);
  return { points, paddedSize, size: smallSize, unit, batch };
}
