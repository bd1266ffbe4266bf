/** Trains and writes the models of `fixtures/safety`, byte for byte the same each time: `npx tsx scripts/write-safety-fixtures.ts`. */
import { writeFile } from 'node:fs/promises';
import { fastTextModel, wordsModel } from './safety/fasttext.ts';
import { textModel, tokensModel } from './safety/models.ts';
import { readSentences } from './safety/sentences.ts';
import { tokenizerJson, vocabulary } from './safety/tokenizer.ts';
import { train } from './safety/train.ts';

const folder = new URL('../fixtures/safety/', import.meta.url);
const sentences = await readSentences();
const vocab = vocabulary(sentences);
const config = {
  model_type: 'bert',
  id2label: { 0: 'safe', 1: 'unsafe' },
  max_position_embeddings: 128,
  pad_token_id: 0,
};
const files: Readonly<Record<string, Uint8Array | string>> = {
  'tokens/model.onnx': tokensModel(train(sentences, vocab)),
  'tokens/tokenizer.json': `${JSON.stringify(tokenizerJson(vocab))}\n`,
  'tokens/tokenizer_config.json': `${JSON.stringify({ model_max_length: 128 })}\n`,
  'tokens/config.json': `${JSON.stringify(config)}\n`,
  'text/model.onnx': textModel(),
  'text/labels.txt': 'ok\nviolence\n',
  'sentences.bin': await fastTextModel(),
  'words.bin': await wordsModel(),
};
for (const [name, content] of Object.entries(files)) {
  await writeFile(new URL(name, folder), content);
  console.log(`${name}: ${content.length} bytes`);
}
