import type { InferenceSession } from 'onnxruntime-node';
import { FastVideoError } from '../../../base/errors.ts';

const tokenInputs = ['input_ids', 'attention_mask', 'token_type_ids'] as const;
export type TokenInput = (typeof tokenInputs)[number];
export type IntegerType = 'int64' | 'int32';

/** What a model takes and gives. */
export interface ModelIo {
  readonly input:
    | { readonly kind: 'text'; readonly name: string; readonly rank: number }
    | {
        readonly kind: 'tokens';
        readonly names: readonly { readonly name: TokenInput; readonly type: IntegerType }[];
        /** Tokens in a row, where the model takes no other number. */
        readonly length: number | undefined;
      };
  /** Rows in a run, where the model takes no other number. */
  readonly rows: number | undefined;
  readonly output: string;
}

/** Names that classifiers' outputs have, the best first. */
const outputNames = ['logits', 'probabilities', 'scores', 'output'];

/** Throws `config_invalid` for a model that is not a text classifier as we know them. */
export function modelIo(path: string, session: InferenceSession): ModelIo {
  const refuse = (what: string) =>
    new FastVideoError('config_invalid', `The safety classifier ${path} ${what}.`);
  const inputs = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw refuse(`has the input "${input.name}", which is not a tensor`);
    return input;
  });
  const [first] = inputs;
  const rows = fixed(first?.shape[0]);
  const output = outputOf(session, refuse);
  if (inputs.length === 1 && first?.type === 'string') {
    return { input: { kind: 'text', name: first.name, rank: first.shape.length }, rows, output };
  }
  const names = inputs.map(({ name, type }) => {
    const known = tokenInputs.find((input) => input === name);
    if (known === undefined || (type !== 'int64' && type !== 'int32')) {
      throw refuse(
        `takes "${name}" of ${type}; a text classifier takes ${tokenInputs.join(', ')} of int64, or one text`,
      );
    }
    return { name: known, type };
  });
  if (!names.some(({ name }) => name === 'input_ids'))
    throw refuse('has neither the input input_ids nor one for text');
  return { input: { kind: 'tokens', names, length: fixed(first?.shape[1]) }, rows, output };
}

function outputOf(session: InferenceSession, refuse: (what: string) => FastVideoError): string {
  const floats = session.outputMetadata.flatMap((output) =>
    output.isTensor && output.type === 'float32' ? [output] : [],
  );
  const names = floats.map(({ name }) => name);
  const known = outputNames.find((name) => names.includes(name));
  if (known !== undefined) return known;
  // A row for each text, a number for each label.
  const [output, other] = floats.length > 1 ? floats.filter(({ shape }) => shape.length <= 2) : floats;
  if (output && !other) return output.name;
  if (names.length > 0) {
    const wanted = outputNames.map((name) => `"${name}"`).join(', ');
    throw refuse(
      `gives ${names.join(', ')}, none of which is called ${wanted}: it is unclear which has the scores`,
    );
  }
  const all = session.outputNames.join(', ');
  throw refuse(`gives no tensor of float32 numbers; its outputs are: ${all}`);
}

/** A size that the model fixes; one that is only known at run time is a name, or not positive. */
function fixed(size: number | string | undefined): number | undefined {
  return typeof size === 'number' && size > 0 ? size : undefined;
}
