import { Tensor } from 'onnxruntime-node';
import type { IntegerType, TokenInput } from './model-io.ts';
import type { TokenWindows } from './token-windows.ts';

/** Rows, and tokens with their padding, that go into one run. */
const maxRows = 64;
const maxTokens = 8192;

/** Runs the model on so many rows; gives the numbers of all, one row after the other. */
export type RunModel = (feeds: Record<string, Tensor>, rows: number) => Promise<Float32Array>;

/** What becomes of a row's numbers. */
export type Finish = (row: ArrayLike<number>) => ArrayLike<number>;

interface RunOptions {
  /** Rows in each run, where the model takes no other number. */
  readonly rows: number | undefined;
  readonly run: RunModel;
  readonly finish: Finish;
}

interface TextInput {
  readonly input: { readonly name: string; readonly rank: number };
}

/** For a model that takes text itself. */
export async function runTexts(
  texts: readonly string[],
  { input, rows, run, finish }: RunOptions & TextInput,
): Promise<ArrayLike<number>[]> {
  const results: ArrayLike<number>[] = [];
  const most = rows ?? maxRows;
  for (let start = 0; start < texts.length; start += most) {
    const batch = texts.slice(start, start + most);
    const count = rows ?? batch.length;
    const data = Array.from({ length: count }, (_, row) => batch[row] ?? '');
    const shape = input.rank > 1 ? [count, ...Array<number>(input.rank - 1).fill(1)] : [count];
    const numbers = await run({ [input.name]: new Tensor('string', data, shape) }, count);
    results.push(...split(numbers, count).slice(0, batch.length).map(finish));
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

/**
 * For a model that takes tokens; rows of like length go together, because the short ones are padded. A model that is not
 * told what is padding gets none: it would read it as text.
 */
export async function runTokens(
  texts: readonly string[],
  { input, windows, rows, run, finish }: RunOptions & TokensInput,
): Promise<ArrayLike<number>[]> {
  const masked = input.names.some(({ name }) => name === 'attention_mask');
  const encoded = texts.flatMap((text, at) => windows.encode(text).map((ids) => ({ at, ids })));
  encoded.sort((one, other) => one.ids.length - other.ids.length);
  const results: ArrayLike<number>[] = [];
  let start = 0;
  while (start < encoded.length) {
    let end = start + 1;
    while (end < encoded.length && end - start < (rows ?? maxRows)) {
      const longest = input.length ?? encoded[end]?.ids.length ?? 0;
      if (!masked && encoded[end]?.ids.length !== encoded[start]?.ids.length) break;
      if (rows === undefined && (end - start + 1) * longest > maxTokens) break;
      end += 1;
    }
    const batch = encoded.slice(start, end);
    const count = rows ?? batch.length;
    const length = input.length ?? batch.at(-1)?.ids.length ?? 0;
    const tokens = batch.map(({ ids }) => ids);
    const feeds = feedsOf(tokens, count, length, input.names, windows.padId);
    const numbers = split(await run(feeds, count), count);
    for (const [row, { at }] of batch.entries()) {
      results[at] = highest(results[at], finish(numbers[row] ?? []));
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

/** Of probabilities, not of logits: the highest logits of two rows make no probability of either. */
function highest(one: ArrayLike<number> | undefined, other: ArrayLike<number>): ArrayLike<number> {
  return one ? Array.from(other, (value, index) => Math.max(value, one[index] ?? Number.NaN)) : other;
}
