import { seededNormal } from '../../src/core/generators/seeded-random.ts';
import { canvasOf } from './canvas.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { latentSize, type WeightSpec, weights } from './hypernetwork.ts';
import { shade } from './shading.ts';

/** Seconds after which each of the four slow movements comes round again; they never meet. */
const periods = [10.3, 14.7, 23.9, 41.1];
const sineUnits = 16;
const hiddenUnits = 32;
const warpUnits = 4;

const description =
  'Compositional pattern-producing network: smooth abstract pictures from a latent, a time and a size. ' +
  'Random seeded weights; it was not trained and depicts nothing.';

/**
 * The embedded network as an ONNX file (opset 17): `z` float32 [1,32], `t` float64 [F,1] in seconds and `size` int64
 * [height, width] give `frames` uint8 [F,H,W,3].
 *
 * All layers are channels first, `MatMul(W, x)` with a unit that is always 1 in place of a bias: twice as fast as
 * channels last with additions.
 */
export function buildCppn(seed: number): Uint8Array {
  const graph = new GraphBuilder();
  const random = seededNormal(seed);
  const z = graph.input('z', 'float', [1, 32]);
  const t = graph.input('t', 'double', ['F', 1]);
  const size = graph.input('size', 'int64', [2]);

  const latent = graph.reshape(graph.slice(z, 1, 0, latentSize), [latentSize, 1]);
  const palette = graph.op('Transpose', [graph.reshape(graph.slice(z, 1, latentSize, 32), [4, 3])]);
  const motion = motionOf(graph, t);
  const canvas = canvasOf(graph, size);

  const layer = (shape: readonly [number, number], spec: (row: number, col: number) => WeightSpec) =>
    weights(graph, latent, random, shape, spec);
  /** Numbers [F, count] that swing slowly, each prompt in its own way: `amplitude` is their standard deviation. */
  const moving = (count: number, amplitude: number, center = 0) => {
    // A sine and a cosine of each period share the amplitude; the fast ones get less of it.
    const share = [0.75, 0.9, 1.05, 1.2];
    const spec = (row: number): WeightSpec =>
      row < 8
        ? { base: amplitude * 0.35 * (share[row % 4] ?? 1), spread: amplitude * 0.55 * (share[row % 4] ?? 1) }
        : { center, base: amplitude * 0.4, spread: amplitude * 0.8 };
    return graph.op('MatMul', [motion, layer([9, count], spec)]);
  };

  const placed = place(graph, canvas.points, moving);
  const mirrored = mirror(graph, placed, layer);
  const warped = warp(graph, warp(graph, mirrored, 0.42, 1.5, layer, moving), 0.24, 2.6, layer, moving);
  const sines = sineLayer(graph, warped, layer, moving);
  const first = tanhLayer(graph, sines, sineUnits, 1.1, layer);
  const second = tanhLayer(graph, first, hiddenUnits, 1.15, layer);
  const third = tanhLayer(graph, second, hiddenUnits, 1.15, layer);
  const head = graph.op('MatMul', [
    layer([5, hiddenUnits + 1], (row, col) => {
      const scale = (row < 4 ? 4.2 : 1.5) / Math.sqrt(hiddenUnits);
      return col < hiddenUnits ? { base: 0.6 * scale, spread: 0.8 * scale } : {};
    }),
    third,
  ]);
  const small = shade(graph, { head, palette, light: moving(2, 0.5), canvas });
  const frames = graph.op(
    'Resize',
    [small, '', '', graph.concat([canvas.batch(t), size, graph.ints([3])], 0)],
    {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    },
  );
  graph.output('frames', 'uint8', ['F', 'H', 'W', 3], frames);
  return graph.build('cppn', description);
}

/** Sines, cosines and a 1 for the four movements: [F, 9]. The remainder is taken in double, so that days keep their precision. */
function motionOf(graph: GraphBuilder, t: Value): Value {
  const turns = graph.op(
    'Mod',
    [graph.op('Div', [t, graph.doubles(periods, [1, 4])]), graph.doubles([1], [])],
    {
      fmod: 1,
    },
  );
  const angle = graph.op('Mul', [graph.cast(turns, 'float'), graph.scalar(2 * Math.PI)]);
  const one = graph.op('Cos', [graph.op('Mul', [graph.slice(angle, 1, 0, 1), graph.scalar(0)])]);
  return graph.concat([graph.op('Sin', [angle]), graph.op('Cos', [angle]), one], 1);
}

type Layer = (shape: readonly [number, number], spec: (row: number, col: number) => WeightSpec) => Value;
type Moving = (count: number, amplitude: number, center?: number) => Value;

/** Turns, scales and shifts the points: [F, 3, P]. */
function place(graph: GraphBuilder, points: Value, moving: Moving): Value {
  const angle = moving(1, 0.45);
  const zoom = graph.op('Exp', [moving(1, 0.16, 0.02)]);
  const shift = moving(2, 0.3);
  const cosine = graph.op('Mul', [zoom, graph.op('Cos', [angle])]);
  const sine = graph.op('Mul', [zoom, graph.op('Sin', [angle])]);
  const zero = graph.op('Mul', [angle, graph.scalar(0)]);
  const rows = [
    cosine,
    graph.op('Neg', [sine]),
    graph.slice(shift, 1, 0, 1),
    sine,
    cosine,
    graph.slice(shift, 1, 1, 2),
    zero,
    zero,
    graph.op('Cos', [zero]),
  ];
  return graph.op('MatMul', [graph.reshape(graph.concat(rows, 1), [-1, 3, 3]), points]);
}

/** Folds x softly onto its absolute value, as far as the prompt wants symmetry. */
function mirror(graph: GraphBuilder, points: Value, layer: Layer): Value {
  const x = graph.slice(points, 1, 0, 1);
  const folded = graph.op('Sqrt', [graph.op('Add', [graph.op('Mul', [x, x]), graph.scalar(0.03)])]);
  const share = graph.op('Sigmoid', [layer([1, 1], () => ({ center: -1.2, spread: 1.8 }))]);
  const moved = graph.op('Add', [x, graph.op('Mul', [share, graph.op('Sub', [folded, x])])]);
  return graph.concat([moved, graph.slice(points, 1, 1, 3)], 1);
}

/** Shifts each point by a few sines of where it is. */
function warp(
  graph: GraphBuilder,
  points: Value,
  amplitude: number,
  frequency: number,
  layer: Layer,
  moving: Moving,
): Value {
  const still = layer([warpUnits, 3], (_, col) =>
    col < 2 ? { base: frequency * 0.6, spread: frequency * 0.7 } : {},
  );
  const waves = graph.op('Sin', [
    graph.op('MatMul', [withPhase(graph, still, moving(warpUnits, 1.1), warpUnits, 3), points]),
  ]);
  const push = layer([3, warpUnits], (row) =>
    row < 2 ? { base: amplitude * 0.55, spread: amplitude * 0.55 } : {},
  );
  return graph.op('Add', [points, graph.op('MatMul', [push, waves])]);
}

/** Sixteen sines of place and distance, and the unit that is always 1: [F, 17, P]. */
function sineLayer(graph: GraphBuilder, points: Value, layer: Layer, moving: Moving): Value {
  const squares = graph.op('Mul', [points, points]);
  // The row of ones keeps the root away from 0, where its slope would show as a tip.
  const radius = graph.op('Sqrt', [graph.op('MatMul', [graph.floats([1, 1, 0.05], [1, 3]), squares])]);
  const input = graph.concat([radius, points], 1);
  const still = layer([sineUnits + 1, 4], (row, col) => {
    if (row === sineUnits) return { center: col === 3 ? Math.PI / 2 : 0 };
    // From broad shapes to fine ones.
    const frequency = 0.6 + (1.7 * row) / (sineUnits - 1);
    if (col === 3) return {};
    return { base: 0.6 * frequency, spread: (col === 0 ? 0.5 : 0.75) * frequency };
  });
  const phases = graph.op('Pad', [moving(sineUnits, 1.25), graph.ints([0, 0, 0, 1])]);
  return graph.op('Sin', [graph.op('MatMul', [withPhase(graph, still, phases, sineUnits + 1, 4), input])]);
}

/** Adds phases [F, rows] to the last column of a matrix [rows, cols]: [F, rows, cols]. */
function withPhase(graph: GraphBuilder, matrix: Value, phases: Value, rows: number, cols: number): Value {
  const column = graph.reshape(phases, [-1, rows, 1]);
  const last = graph.floats([...Array<number>(cols - 1).fill(0), 1], [1, 1, cols]);
  return graph.op('Add', [matrix, graph.op('Mul', [column, last])]);
}

/** Thirty-two tanh units and the unit that is always 1: [F, 33, P]. */
function tanhLayer(graph: GraphBuilder, input: Value, inputs: number, gain: number, layer: Layer): Value {
  const scale = gain / Math.sqrt(inputs * 0.5);
  const matrix = layer([hiddenUnits + 1, inputs + 1], (row, col) => {
    if (row === hiddenUnits) return { center: col === inputs ? 20 : 0 };
    if (col === inputs) return { base: 0.25, spread: 0.3 };
    return { base: 0.6 * scale, spread: 0.8 * scale };
  });
  return graph.op('Tanh', [graph.op('MatMul', [matrix, input])]);
}
