import type { Canvas } from './canvas.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';

interface Surface {
  /** Four palette scores and a height of each computed point: [F, 5, P]. */
  readonly head: Value;
  /** Four OKLab colours as columns: [3, 4]. */
  readonly palette: Value;
  /** Where the light comes from, sideways: [F, 2]. */
  readonly light: Value;
  readonly canvas: Canvas;
}

const reliefDepth = 0.34;
const reliefShade = 0.27;
/** How much a change of slope within a pixel flattens the relief. */
const sharpest = 0.7;
const highlight = 0.26;
const vignette = 0.06;

/** The lit, coloured picture at the computed size, gamma-encoded sRGB: uint8 [F, h, w, 3]. */
export function shade(graph: GraphBuilder, { head, palette, light, canvas }: Surface): Value {
  const grid = graph.op('Reshape', [head, graph.concat([graph.ints([0, 5]), canvas.paddedSize], 0)]);
  const filtered = graph.op('Conv', [grid, graph.floats(kernels(), [7, 5, 3, 3])]);
  const flat = graph.op('Reshape', [filtered, graph.ints([0, 7, -1])]);

  const lit = lighting(graph, graph.slice(flat, 1, 4, 7), light, canvas.unit);
  const edge = edgeShade(graph, canvas);
  const color = graph.op('Mul', [
    mix(graph, graph.slice(flat, 1, 0, 4), palette),
    graph.op('Mul', [lit.shade, edge]),
  ]);
  const lightness = graph.op('Add', [graph.slice(color, 1, 0, 1), graph.op('Mul', [lit.glint, edge])]);
  const lab = graph.concat([lightness, graph.slice(color, 1, 1, 3)], 1);

  const scaled = graph.op('Add', [
    graph.op('Mul', [toSrgb(graph, lab), graph.scalar(255)]),
    graph.scalar(0.5),
  ]);
  const bytes = graph.cast(graph.op('Clip', [scaled, graph.scalar(0), graph.scalar(255)]), 'uint8');
  const image = graph.op('Reshape', [bytes, graph.concat([graph.ints([0, 3]), canvas.size], 0)]);
  return graph.op('Transpose', [image], { perm: [0, 2, 3, 1] });
}

/**
 * One 3x3 convolution: the four scores slightly blurred (their edges would shimmer), the height's slopes along x and
 * y, and how fast these change.
 */
function kernels(): number[] {
  const blur = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((value) => value / 16);
  const slopeX = [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((value) => value / 8);
  const slopeY = [-1, -2, -1, 0, 0, 0, 1, 2, 1].map((value) => value / 8);
  const bend = [1, 2, 1, 2, -12, 2, 1, 2, 1].map((value) => value / 4);
  const none = Array<number>(9).fill(0);
  const filters = [blur, blur, blur, blur, slopeX, slopeY, bend];
  return filters.flatMap((filter, out) =>
    [0, 1, 2, 3, 4].flatMap((input) => (input === Math.min(out, 4) ? filter : none)),
  );
}

/** What a lamp from the upper left does to the relief: `shade` multiplies the colour, `glint` adds lightness. */
function lighting(
  graph: GraphBuilder,
  heights: Value,
  light: Value,
  unit: Value,
): { shade: Value; glint: Value } {
  const scaled = graph.op('Mul', [heights, graph.op('Mul', [unit, graph.scalar(reliefDepth)])]);
  // A ridge narrower than a pixel would catch the light here and there, like beads: it is flattened.
  const bend = graph.op('Mul', [graph.slice(scaled, 1, 2, 3), graph.scalar(sharpest)]);
  const calm = graph.op('Add', [graph.op('Mul', [bend, bend]), graph.scalar(1)]);
  const slope = graph.op('Div', [graph.slice(scaled, 1, 0, 2), calm]);
  // The lamp wanders around the upper left corner: sideways part 0.66, height 0.75.
  const aside = graph.op('Add', [light, graph.floats([-1, -1.2], [1, 2])]);
  const length = graph.op('Sqrt', [graph.op('ReduceSumSquare', [aside], { axes: [1], keepdims: 1 })]);
  const toward = graph.reshape(graph.op('Div', [aside, length]), [-1, 1, 2]);
  const dot = graph.op('MatMul', [toward, slope]);
  const steepness = graph.op('MatMul', [graph.floats([1, 1], [1, 2]), graph.op('Mul', [slope, slope])]);
  const norm = graph.op('Sqrt', [graph.op('Add', [steepness, graph.scalar(1)])]);
  const facing = (height: number, sideways: number) =>
    graph.op('Div', [
      graph.op('Sub', [graph.scalar(height), graph.op('Mul', [dot, graph.scalar(sideways)])]),
      norm,
    ]);
  const relief = graph.op('Sub', [facing(0.75, 0.66), graph.scalar(0.75)]);
  const shadeOf = graph.op('Add', [graph.op('Mul', [relief, graph.scalar(reliefShade)]), graph.scalar(1.04)]);
  // Half-way between lamp and eye: (0.66, 0.75 + 1), normalised.
  let glint = graph.op('Relu', [facing(0.935, 0.353)]);
  for (let power = 1; power < 16; power *= 2) glint = graph.op('Mul', [glint, glint]);
  const flatGlint = 0.935 ** 16;
  const above = graph.op('Sub', [glint, graph.scalar(flatGlint)]);
  return { shade: shadeOf, glint: graph.op('Mul', [above, graph.scalar(highlight)]) };
}

/** Darker towards the corners: [1, P]. */
function edgeShade(graph: GraphBuilder, canvas: Canvas): Value {
  const inner = graph.op('Slice', [
    graph.op('Reshape', [canvas.points, graph.concat([graph.ints([3]), canvas.paddedSize], 0)]),
    graph.ints([1, 1]),
    graph.ints([-1, -1]),
    graph.ints([1, 2]),
  ]);
  const points = graph.reshape(graph.slice(inner, 0, 0, 2), [2, -1]);
  // x counts less: a wide picture would lose its sides.
  const distance = graph.op('MatMul', [graph.floats([0.45, 1], [1, 2]), graph.op('Mul', [points, points])]);
  return graph.op('Sub', [graph.scalar(1), graph.op('Mul', [distance, graph.scalar(vignette)])]);
}

/** Softmax of the scores times the palette: OKLab [F, 3, P]. */
function mix(graph: GraphBuilder, scores: Value, palette: Value): Value {
  // Softmax along the first axis would transpose twice; the scores are far too small to overflow.
  const parts = graph.op('Exp', [scores]);
  const sum = graph.op('MatMul', [graph.floats([1, 1, 1, 1], [1, 4]), parts]);
  return graph.op('Div', [graph.op('MatMul', [palette, parts]), sum]);
}

/** OKLab to gamma-encoded sRGB in 0 to 1 (matrices of https://bottosson.github.io/posts/oklab/). */
function toSrgb(graph: GraphBuilder, lab: Value): Value {
  const toLms = [
    1, 0.3963377774, 0.2158037573, 1, -0.1055613458, -0.0638541728, 1, -0.0894841775, -1.291485548,
  ];
  const toRgb = [
    4.0767416621, -3.3077115913, 0.2309699292, -1.2684380046, 2.6097574011, -0.3413193965, -0.0041960863,
    -0.7034186147, 1.707614701,
  ];
  const roots = graph.op('MatMul', [graph.floats(toLms, [3, 3]), lab]);
  const cubes = graph.op('Mul', [graph.op('Mul', [roots, roots]), roots]);
  const linear = graph.op('Clip', [
    graph.op('MatMul', [graph.floats(toRgb, [3, 3]), cubes]),
    graph.scalar(0),
    graph.scalar(1),
  ]);
  // The sRGB curve by roots, within a third of an 8-bit level above the darkest shades; a power is ten times slower.
  const root2 = graph.op('Sqrt', [linear]);
  const root4 = graph.op('Sqrt', [root2]);
  const root8 = graph.op('Sqrt', [root4]);
  const term = (value: Value, factor: number) => graph.op('Mul', [value, graph.scalar(factor)]);
  const sum = graph.op('Add', [term(root2, 0.585122381), term(root4, 0.783140355)]);
  return graph.op('Sub', [sum, term(root8, 0.368262736)]);
}
