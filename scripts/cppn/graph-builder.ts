import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** The name of a tensor in the graph. */
export type Value = string;
type ElementType = 'float' | 'double' | 'int64' | 'uint8';
type Attribute = number | readonly number[] | string | { readonly float: number };

const elementTypes = {
  float: TensorProto_DataType.FLOAT,
  double: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  uint8: TensorProto_DataType.UINT8,
} as const;

/** Collects nodes and constants in the order in which they are asked for, so that a file can be made again bit by bit. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  /** A graph input; a string in `shape` is a size that is only known at run time. */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Names a value as a graph output. */
  output(name: string, type: ElementType, shape: readonly (number | string)[], value: Value): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [name] }));
    this.#outputs.push(valueInfo(name, type, shape));
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('float', shape, new Uint8Array(Float32Array.from(values).buffer));
  }

  doubles(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('double', shape, new Uint8Array(Float64Array.from(values).buffer));
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('int64', shape, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
  }

  /** A number without dimensions. */
  scalar(value: number): Value {
    return this.floats([value], []);
  }

  /** One node with one output. A whole number as an attribute is an int; a fraction is given as `{float}`. */
  op(opType: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const name = `${opType.toLowerCase()}_${this.#nodes.length}`;
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.#nodes.push(
      create(NodeProtoSchema, { name, opType, input: [...inputs], output: [name], attribute }),
    );
    return name;
  }

  cast(value: Value, type: ElementType): Value {
    return this.op('Cast', [value], { to: elementTypes[type] });
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [value, this.ints(shape)]);
  }

  /** `value[..., from:to, ...]` along one axis. */
  slice(value: Value, axis: number, from: number, to: number): Value {
    return this.op('Slice', [value, this.ints([from]), this.ints([to]), this.ints([axis])]);
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.op('Concat', values, { axis });
  }

  /** The whole model as an ONNX file, opset 17. */
  build(name: string, description: string): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'fastvideo',
      docString: description,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
      graph: create(GraphProtoSchema, {
        name,
        node: this.#nodes,
        initializer: this.#constants,
        input: this.#inputs,
        output: this.#outputs,
      }),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #constant(type: ElementType, shape: readonly number[], rawData: Uint8Array<ArrayBuffer>): Value {
    const name = `c${this.#constants.length}`;
    const dims = shape.map(BigInt);
    this.#constants.push(create(TensorProtoSchema, { name, dims, dataType: elementTypes[type], rawData }));
    return name;
  }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'string') {
    const type = AttributeProto_AttributeType.STRING;
    return create(AttributeProtoSchema, { name, type, s: new TextEncoder().encode(value) });
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  const type = AttributeProto_AttributeType.INTS;
  return create(AttributeProtoSchema, { name, type, ints: value.map(BigInt) });
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'string'
          ? { case: 'dimParam', value: size }
          : { case: 'dimValue', value: BigInt(size) },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: elementTypes[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  });
}
