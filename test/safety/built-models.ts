import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from 'onnx-buf';
import { GraphBuilder, type Value } from '../../scripts/cppn/graph-builder.ts';
import { ClassifierChain } from '../../src/core/safety/classifiers/classifier-chain.ts';
import type { ClassifierSettings, Verdict } from '../../src/core/safety/process/messages.ts';

export interface BuiltModel {
  /** Numbers for each label: of a text without `kill`, and what `kill` adds. */
  readonly base: readonly number[];
  readonly kill: readonly number[];
  /** Default `logits`. */
  readonly output?: string;
  /** What comes after the last layer. */
  readonly tail?: (graph: GraphBuilder, logits: Value) => Value;
  /** A file that holds the weights. */
  readonly weights?: string;
}

/** The last layer's weights, as the file has them. */
function floats(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** An ONNX classifier that takes text, and knows one word; opset 20. */
export function builtModel({ base, kill, output = 'logits', tail, weights }: BuiltModel): {
  model: Uint8Array;
  weights: Buffer;
} {
  const graph = new GraphBuilder();
  const text = graph.input('text', 'float', ['B']);
  const found = graph.op('RegexFullMatch', [text], { pattern: '(?is).*\\bkill\\b.*' });
  const rows = graph.op('Unsqueeze', [graph.cast(found, 'float'), graph.ints([1])]);
  const layer = graph.floats(kill, [1, kill.length]);
  const logits = graph.op('Add', [graph.op('MatMul', [rows, layer]), graph.floats(base)]);
  graph.output(output, 'float', ['B', base.length], tail?.(graph, logits) ?? logits);
  const proto = fromBinary(ModelProtoSchema, graph.build('kill', 'Finds a word.'));
  const type = proto.graph?.input[0]?.type?.value;
  if (type?.case === 'tensorType') type.value.elemType = TensorProto_DataType.STRING;
  proto.opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 20n })];
  const tensor = proto.graph?.initializer.find(({ name }) => name === layer);
  if (weights !== undefined && tensor) {
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: weights })];
  }
  return { model: toBinary(ModelProtoSchema, proto), weights: floats(kill) };
}

/** Writes it into a folder of its own with the other files; gives its path. */
export async function written(
  built: BuiltModel,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-built-'));
  const { model, weights } = builtModel(built);
  const own = built.weights === undefined ? {} : { [built.weights]: weights };
  const all = { 'model.onnx': model, ...own, ...files };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return join(folder, 'model.onnx');
}

/** What the classifiers say of prompts, without a process of their own. */
export async function verdicts(
  prompts: readonly string[],
  ...settings: (Partial<ClassifierSettings> & Pick<ClassifierSettings, 'path'>)[]
): Promise<Verdict[]> {
  const chain = await ClassifierChain.open(
    settings.map((given) => ({ threshold: 0.5, activation: 'auto', ...given })),
  );
  return chain.check(prompts);
}
