import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, OperatorSetIdProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { GraphBuilder } from '../cppn/graph-builder.ts';
import { dimensions, type Weights } from './train.ts';

/**
 * A classifier with BERT's inputs and outputs (int64 [B,T] `input_ids`, `attention_mask`, `token_type_ids`; float32
 * [B,2] `logits` of safe and unsafe): the mean of word vectors, and one direction.
 */
export function tokensModel({ embeddings, direction }: Weights): Uint8Array {
  const graph = new GraphBuilder();
  const ids = graph.input('input_ids', 'int64', ['B', 'T']);
  const mask = graph.input('attention_mask', 'int64', ['B', 'T']);
  const types = graph.input('token_type_ids', 'int64', ['B', 'T']);
  const table = graph.floats([...embeddings], [embeddings.length / dimensions, dimensions]);
  const typeTable = graph.floats(Array<number>(2 * dimensions).fill(0), [2, dimensions]);
  const vectors = graph.op('Add', [graph.op('Gather', [table, ids]), graph.op('Gather', [typeTable, types])]);
  const weight = graph.cast(graph.op('Unsqueeze', [mask, graph.ints([2])]), 'float');
  const sum = graph.op('ReduceSum', [graph.op('Mul', [vectors, weight]), graph.ints([1])], { keepdims: 0 });
  // The two special tokens of each text count nothing.
  const words = graph.op('Sub', [
    graph.op('ReduceSum', [weight, graph.ints([1])], { keepdims: 0 }),
    graph.scalar(2),
  ]);
  const mean = graph.op('Div', [sum, graph.op('Max', [words, graph.scalar(1)])]);
  const columns = [...direction].flatMap((value) => [-value, value]);
  graph.output(
    'logits',
    'float',
    ['B', 2],
    graph.op('MatMul', [mean, graph.floats(columns, [dimensions, 2])]),
  );
  return graph.build(
    'tokens',
    'Safe or unsafe from the mean of word vectors; trained on fixtures/safety/sentences.txt.',
  );
}

/** A classifier that takes text itself: string [B] `text` gives float32 [B,2] `probabilities` of ok and violence. */
export function textModel(): Uint8Array {
  const graph = new GraphBuilder();
  // The builder knows no strings: the type of the input is set below.
  const text = graph.input('text', 'float', ['B']);
  const pattern = '(?is).*\\b(knife|gun|blood|bloody)\\b.*';
  const found = graph.cast(graph.op('RegexFullMatch', [text], { pattern }), 'float');
  const violence = graph.op('Add', [graph.op('Mul', [found, graph.scalar(0.8)]), graph.scalar(0.1)]);
  const rows = graph.op('Unsqueeze', [violence, graph.ints([1])]);
  graph.output(
    'probabilities',
    'float',
    ['B', 2],
    graph.concat([graph.op('Sub', [graph.scalar(1), rows]), rows], 1),
  );
  const model = fromBinary(ModelProtoSchema, graph.build('text', 'Finds a few words in a text.'));
  const type = model.graph?.input[0]?.type?.value;
  if (type?.case !== 'tensorType') throw new Error('The input is not a tensor.');
  type.value.elemType = TensorProto_DataType.STRING;
  // RegexFullMatch came with opset 20.
  model.opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 20n })];
  return toBinary(ModelProtoSchema, model);
}
