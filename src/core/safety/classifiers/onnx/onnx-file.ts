import { FastVideoError } from '../../../base/errors.ts';
import { FileCursor } from '../file-cursor.ts';
import { type ProtobufField, protobufFields } from './protobuf-fields.ts';

/** One operation of a graph. */
export interface OnnxNode {
  /** E.g. `Softmax`; with its domain before it where that is not ONNX's own: `com.microsoft.FusedMatMul`. */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a model file says of itself: what the runtime does not tell. */
export interface OnnxFile {
  /** Of the outermost graph. */
  readonly nodes: readonly OnnxNode[];
  /** Names of the outermost graph's constant tensors. */
  readonly constants: ReadonlySet<string>;
  /** Files that hold tensors of any graph, as the model names them: relative to its folder. */
  readonly externalFiles: readonly string[];
}

/** Graphs within graphs; deeper ones are no model. */
const maxDepth = 16;

/** Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const model = { graph: 7, functions: 25 } as const;
const graph = { node: 1, initializer: 5, sparseInitializer: 15 } as const;
const node = { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 } as const;
const functionNode = 7;
const attribute = { t: 5, g: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 } as const;
const sparse = { values: 1, indices: 2 } as const;
const tensor = { name: 8, externalData: 13 } as const;
const entry = { key: 1, value: 2 } as const;

/** Throws `config_invalid` for a file that is no ONNX model. */
export function readOnnxFile(path: string): OnnxFile {
  using file = new FileCursor(path);
  try {
    return new Reader(file).model();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `The safety classifier ${path} is not an ONNX model, or damaged: ${error.message}`;
    throw new FastVideoError('config_invalid', message, { cause: error });
  }
}

class Reader {
  readonly #file: FileCursor;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Set<string>();
  readonly #externalFiles = new Set<string>();

  constructor(file: FileCursor) {
    this.#file = file;
  }

  model(): OnnxFile {
    let graphs = 0;
    for (const field of this.#fields(this.#file.left)) {
      if (field.number === model.graph) {
        graphs += 1;
        this.#graph(field, 0);
      }
      if (field.number === model.functions) this.#function(field);
    }
    if (graphs !== 1) throw new RangeError(`It has ${graphs} graphs.`);
    return {
      nodes: this.#nodes,
      constants: this.#constants,
      externalFiles: [...this.#externalFiles],
    };
  }

  #fields(end: number): Generator<ProtobufField> {
    return protobufFields(this.#file, end);
  }

  #text({ value, hasBytes }: ProtobufField): string {
    if (!hasBytes) throw new RangeError('It has a number instead of a text.');
    return this.#file.textOf(value);
  }

  #graph({ end }: ProtobufField, depth: number): void {
    if (depth > maxDepth) throw new RangeError(`Graphs are nested more than ${maxDepth} deep.`);
    for (const field of this.#fields(end)) {
      if (field.number === graph.node) {
        const read = this.#node(field, depth);
        if (depth === 0) this.#nodes.push(read);
      }
      if (field.number === graph.initializer) {
        const name = this.#tensor(field);
        if (depth === 0) this.#constants.add(name);
      }
      if (field.number === graph.sparseInitializer) {
        const name = this.#sparseTensor(field);
        if (depth === 0) this.#constants.add(name);
      }
    }
  }

  #function({ end }: ProtobufField): void {
    for (const field of this.#fields(end)) if (field.number === functionNode) this.#node(field, 1);
  }

  #node({ end }: ProtobufField, depth: number): OnnxNode {
    const inputs: string[] = [];
    const outputs: string[] = [];
    let opType = '';
    let domain = '';
    for (const field of this.#fields(end)) {
      if (field.number === node.input) inputs.push(this.#text(field));
      if (field.number === node.output) outputs.push(this.#text(field));
      if (field.number === node.opType) opType = this.#text(field);
      if (field.number === node.domain) domain = this.#text(field);
      if (field.number === node.attribute) this.#attribute(field, depth);
    }
    const op = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    return { op, inputs, outputs };
  }

  #attribute({ end }: ProtobufField, depth: number): void {
    for (const field of this.#fields(end)) {
      switch (field.number) {
        case attribute.t:
        case attribute.tensors:
          this.#tensor(field);
          break;
        case attribute.g:
        case attribute.graphs:
          this.#graph(field, depth + 1);
          break;
        case attribute.sparseTensor:
        case attribute.sparseTensors:
          this.#sparseTensor(field);
          break;
        default:
      }
    }
  }

  #sparseTensor({ end }: ProtobufField): string {
    let name = '';
    for (const field of this.#fields(end)) {
      if (field.number === sparse.values) name = this.#tensor(field);
      if (field.number === sparse.indices) this.#tensor(field);
    }
    return name;
  }

  /** Gives its name. */
  #tensor({ end }: ProtobufField): string {
    let name = '';
    for (const field of this.#fields(end)) {
      if (field.number === tensor.name) name = this.#text(field);
      if (field.number === tensor.externalData) this.#externalData(field);
    }
    return name;
  }

  #externalData({ end }: ProtobufField): void {
    let key = '';
    let value = '';
    for (const field of this.#fields(end)) {
      if (field.number === entry.key) key = this.#text(field);
      if (field.number === entry.value) value = this.#text(field);
    }
    if (key === 'location') this.#externalFiles.add(value);
  }
}
