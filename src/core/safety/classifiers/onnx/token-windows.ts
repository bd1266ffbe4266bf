import { Tokenizer } from '@huggingface/tokenizers';
import { errorMessage, FastVideoError } from '../../../base/errors.ts';
import type { CompanionFiles } from './companion-files.ts';

/** Tokens that a model takes, where no file says how many. */
const usualMaxTokens = 512;
/** Beyond it a limit means "none": tokenizers write 1e30. */
const largestMaxTokens = 100_000;
/** Their positions begin after the padding's: two of `max_position_embeddings` are not for tokens. */
const offsetPositions = new Set([
  'roberta',
  'xlm-roberta',
  'camembert',
  'mpnet',
  'longformer',
  'data2vec-text',
]);

/** Cuts texts into the tokens of a model. */
export class TokenWindows {
  readonly padId: number;
  readonly #tokenizer: Tokenizer;
  readonly #prefix: readonly number[];
  readonly #suffix: readonly number[];
  readonly #room: number;

  /** `fixedLength`: the number of tokens, where the model takes no other. Throws `config_invalid`. */
  constructor(path: string, files: CompanionFiles, fixedLength: number | undefined) {
    try {
      if (!files.tokenizer) throw new Error('the file is missing');
      this.#tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig ?? {});
      const bare = this.#tokenizer.encode('a', { add_special_tokens: false }).ids;
      const whole = this.#tokenizer.encode('a').ids;
      const first = bare[0];
      const start = first === undefined ? 0 : Math.max(0, whole.indexOf(first));
      this.#prefix = whole.slice(0, start);
      this.#suffix = whole.slice(start + bare.length);
      this.padId = this.#padding(files);
    } catch (error) {
      const message = `The tokenizer.json of the safety classifier ${path} cannot be used: ${errorMessage(error)}.`;
      throw new FastVideoError('config_invalid', message, { cause: error });
    }
    const specials = this.#prefix.length + this.#suffix.length;
    this.#room = (fixedLength ?? maxTokens(files)) - specials;
    if (this.#room < 1) {
      const message = `The safety classifier ${path} takes ${this.#room + specials} tokens, which leaves no room for text.`;
      throw new FastVideoError('config_invalid', message);
    }
  }

  /** One window for a text that fits, else several that overlap by an eighth: nothing is left out. */
  encode(text: string): number[][] {
    const ids = this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
    const windows: number[][] = [];
    const step = Math.max(1, this.#room - Math.floor(this.#room / 8));
    for (let start = 0; start === 0 || start + this.#room - step < ids.length; start += step) {
      windows.push([...this.#prefix, ...ids.slice(start, start + this.#room), ...this.#suffix]);
    }
    return windows;
  }

  #padding({ config }: CompanionFiles): number {
    const named = ['[PAD]', '<pad>'].map((token) => this.#tokenizer.token_to_id(token));
    return config?.pad_token_id ?? named.find((id) => id !== undefined) ?? 0;
  }
}

/** The smallest of the limits that the files name. */
function maxTokens({ config, tokenizer, tokenizerConfig }: CompanionFiles): number {
  const positions = config?.max_position_embeddings;
  const offset = offsetPositions.has(config?.model_type ?? '') ? 2 : 0;
  const limits = [
    tokenizerConfig?.model_max_length,
    tokenizer?.truncation?.max_length,
    positions && positions > 0 ? positions - offset : undefined,
  ].filter((limit) => typeof limit === 'number' && limit > 0 && limit <= largestMaxTokens);
  return limits.length === 0 ? usualMaxTokens : Math.min(...(limits as number[]));
}
