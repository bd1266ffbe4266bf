import type { OnnxFile, OnnxNode } from './onnx-file.ts';

/**
 * What a graph's output is, by the operations that make it:
 * - `probabilities`: a Softmax or a Sigmoid comes last;
 * - `log-probabilities`: a LogSoftmax does;
 * - `logits`: nothing but sums and products since the last layer;
 * - `unclear`: anything else.
 */
export type OutputKind = 'probabilities' | 'log-probabilities' | 'logits' | 'unclear';

export interface GraphOutput {
  readonly kind: OutputKind;
  /** The operation that says so, or that nothing is known of. */
  readonly op: string;
}

/** What is not changed by them, first input. */
const passing = new Set([
  'Identity',
  'Cast',
  'CastLike',
  'Dropout',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Flatten',
  'Transpose',
  'Expand',
  'Slice',
  'Split',
  'Gather',
  'GatherND',
  'GatherElements',
  'QuantizeLinear',
  'DequantizeLinear',
]);
const squashing = new Set([
  'Softmax',
  'Sigmoid',
  'HardSigmoid',
  'com.microsoft.QLinearSoftmax',
  'com.microsoft.QLinearSigmoid',
]);
/** Layers: what went into them makes no difference to what kind of numbers come out. */
const layers = new Set([
  'MatMul',
  'MatMulInteger',
  'QLinearMatMul',
  'Gemm',
  'Conv',
  'com.microsoft.FusedMatMul',
  'com.microsoft.FusedGemm',
  'com.microsoft.QGemm',
  'com.microsoft.MatMulNBits',
  'com.microsoft.MatMulIntegerToFloat',
  'com.microsoft.DynamicQuantizeMatMul',
]);
/** Their result is logits where all that goes in is. */
const arithmetic = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Sum',
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'com.microsoft.QLinearAdd',
  'com.microsoft.QLinearMul',
]);

/** What a tensor is: a constant says nothing. */
type Found = GraphOutput | 'constant';

/** Follows the output back through the graph. */
export function graphOutput(file: OnnxFile, output: string): GraphOutput {
  const makers = new Map(file.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const known = new Map<string, Found>();

  /** All tensors are looked at with a stack of our own: a graph may be thousands of operations deep. */
  const stack = [output];
  for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
    const node = makers.get(name);
    const needed = node ? followed(node).filter((input) => !known.has(input)) : [];
    // A graph whose operations wait for each other is no model; the runtime has refused it already.
    if (needed.length > 0 && stack.length <= makers.size) {
      stack.push(...needed.slice(0, 1));
      continue;
    }
    stack.pop();
    if (node)
      known.set(
        name,
        made(
          node,
          followed(node).map((input) => known.get(input) ?? 'constant'),
        ),
      );
    else known.set(name, file.constants.has(name) ? 'constant' : { kind: 'logits', op: name });
  }
  const found = known.get(output) ?? 'constant';
  return found === 'constant' ? { kind: 'unclear', op: 'a constant' } : found;
}

/** The inputs of an operation that say what its outputs are. */
function followed({ op, inputs }: OnnxNode): readonly string[] {
  if (passing.has(op)) return inputs.slice(0, 1);
  if (arithmetic.has(op) && op.startsWith('Reduce')) return inputs.slice(0, 1);
  return arithmetic.has(op) || op === 'Concat' ? inputs.filter((input) => input !== '') : [];
}

function made({ op }: OnnxNode, inputs: readonly Found[]): Found {
  if (squashing.has(op)) return { kind: 'probabilities', op };
  if (op === 'LogSoftmax') return { kind: 'log-probabilities', op };
  if (layers.has(op)) return { kind: 'logits', op };
  if (op === 'Constant') return 'constant';
  const [first, ...others] = inputs.filter((input) => input !== 'constant');
  if (passing.has(op)) {
    // Rows of a table, which a token or a class picks.
    if (!first && op.startsWith('Gather')) return { kind: 'logits', op };
    return first ?? 'constant';
  }
  if (op === 'Concat') {
    if (!first) return 'constant';
    return others.find(({ kind }) => kind !== first.kind) ? { kind: 'unclear', op } : first;
  }
  if (!arithmetic.has(op)) return { kind: 'unclear', op };
  if (!first) return 'constant';
  return [first, ...others].find(({ kind }) => kind === 'unclear') ?? afterArithmetic(op, [first, ...others]);
}

/** A sum or a product of probabilities is none, nor is it logits. */
function afterArithmetic(op: string, inputs: readonly GraphOutput[]): GraphOutput {
  return inputs.every(({ kind }) => kind === 'logits') ? { kind: 'logits', op } : { kind: 'unclear', op };
}
