import '../../../base/onnx-runtime.ts';
import { Tensor } from 'onnxruntime-node';
import type { IntegerType, TokenInput } from './model-io.ts';
import type { TokenWindows } from './token-windows.ts';

/** Rows, and tokens with their padding, that go into one run. */
const maxRows = 64;
const maxTokens = 8192;

interface RunOptions {
  /** Rows in each run, where the model takes no other number. */
  readonly rows: number | undefined;
  /** Runs the model; gives the numbers of all rows, one row after the other. */
  readonly run: (feeds: Record<string, Tensor>) => Promise<Float32Array>;
}

interface TextInput {
  readonly input: { readonly name: string; readonly rank: number };
}

/** For a model that takes text itself. */
export async function runTexts(
  texts: readonly string[],
  { input, rows, run }: RunOptions & TextInput,
): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  const most = rows ?? maxRows;
  for (let start = 0; start < texts.length; start += most) {
    const batch = texts.slice(start, start + most);
    const count = rows ?? batch.length;
    const data = Array.from({ length: count }, (_, row) => batch[row] ?? '');
    const shape = input.rank > 1 ? [count, ...Array<number>(input.rank - 1).fill(1)] : [count];
    results.push(
      ...split(await run({ [input.name]: new Tensor('string', data, shape) }), count).slice(0, batch.length),
    );
  }
  return results;
}

interface TokensInput {
  readonly input: {
    readonly names: readonly { readonly name: TokenInput; readonly type: IntegerType }[];
    readonly length: number | undefined;
  };
  readonly windows: TokenWindows;
}

/** For a model that takes tokens; rows of like length go together, because the short ones are padded. */
export async function runTokens(
  texts: readonly string[],
  { input, windows, rows, run }: RunOptions & TokensInput,
): Promise<Float32Array[]> {
  const encoded = texts.flatMap((text, at) => windows.encode(text).map((ids) => ({ at, ids })));
  encoded.sort((one, other) => one.ids.length - other.ids.length);
  const results: Float32Array[] = [];
  let start = 0;
  while (start < encoded.length) {
    let end = start + 1;
    while (end < encoded.length && end - start < (rows ?? maxRows)) {
      const longest = input.length ?? encoded[end]?.ids.length ?? 0;
      if (rows === undefined && (end - start + 1) * longest > maxTokens) break;
      end += 1;
    }
    const batch = encoded.slice(start, end);
    const count = rows ?? batch.length;
    const length = input.length ?? batch.at(-1)?.ids.length ?? 0;
    const numbers = split(
      await run(
        feedsOf(
          batch.map(({ ids }) => ids),
          count,
          length,
          input.names,
          windows.padId,
        ),
      ),
      count,
    );
    for (const [row, { at }] of batch.entries()) {
      results[at] = highest(results[at], numbers[row] ?? new Float32Array());
    }
    start = end;
  }
  return results;
}

function feedsOf(
  batch: readonly (readonly number[])[],
  count: number,
  length: number,
  names: TokensInput['input']['names'],
  padId: number,
): Record<string, Tensor> {
  const values = {
    input_ids: new Int32Array(count * length).fill(padId),
    attention_mask: new Int32Array(count * length),
    token_type_ids: new Int32Array(count * length),
  };
  for (const [row, ids] of batch.entries()) {
    values.input_ids.set(ids, row * length);
    values.attention_mask.fill(1, row * length, row * length + ids.length);
  }
  return Object.fromEntries(
    names.map(({ name, type }) => {
      const data = type === 'int32' ? values[name] : BigInt64Array.from(values[name], BigInt);
      return [name, new Tensor(type, data, [count, length])];
    }),
  );
}

/** The numbers of each row. */
function split(numbers: Float32Array, rows: number): Float32Array[] {
  const width = numbers.length / rows;
  if (!Number.isInteger(width))
    throw new Error(`The model gave ${numbers.length} numbers for ${rows} texts.`);
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * width, (row + 1) * width));
}

function highest(one: Float32Array | undefined, other: Float32Array): Float32Array {
  return one ? other.map((value, index) => Math.max(value, one[index] ?? value)) : other;
}
