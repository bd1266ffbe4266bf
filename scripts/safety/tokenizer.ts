import type { Sentence } from './sentences.ts';

export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'] as const;
const [padId, unknownId, startId, endId] = [0, 1, 2, 3];

/** Token ids by token: the special ones, then every word of the sentences in alphabetic order. */
export function vocabulary(sentences: readonly Sentence[]): Map<string, number> {
  const words = new Set(sentences.flatMap(({ text }) => text.split(' ')));
  return new Map([...specialTokens, ...[...words].sort()].map((token, id) => [token, id]));
}

/** The words of a sentence as ids, without special tokens. */
export function wordIds(vocab: ReadonlyMap<string, number>, text: string): number[] {
  return text.split(' ').map((word) => vocab.get(word) ?? unknownId);
}

/** A `tokenizer.json` as BERT's: lower case, words and punctuation, WordPiece, `[CLS]` before and `[SEP]` after. */
export function tokenizerJson(vocab: ReadonlyMap<string, number>): object {
  const special = (id: number) => ({
    id,
    content: specialTokens[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const piece = (id: number) => ({ SpecialToken: { id: specialTokens[id], type_id: 0 } });
  const frame = (id: number) => ({ id: specialTokens[id], ids: [id], tokens: [specialTokens[id]] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [padId, unknownId, startId, endId].map((id) => special(id)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece(startId), { Sequence: { id: 'A', type_id: 0 } }, piece(endId)],
      pair: [piece(startId), { Sequence: { id: 'A', type_id: 0 } }, piece(endId)],
      special_tokens: { '[CLS]': frame(startId), '[SEP]': frame(endId) },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  };
}
