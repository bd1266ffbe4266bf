import { readFile } from 'node:fs/promises';

export interface Sentence {
  readonly text: string;
  readonly unsafe: boolean;
}

/** The sentences that the fixtures are trained on, in fastText's form: `__label__safe` or `__label__unsafe`, the text. */
export const sentencesFile = new URL('../../fixtures/safety/sentences.txt', import.meta.url);

export async function readSentences(): Promise<Sentence[]> {
  const lines = (await readFile(sentencesFile, 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [, label, text = ''] = /^__label__(safe|unsafe) (.+)$/.exec(line) ?? [];
    if (label === undefined) throw new Error(`This line has no label: ${line}`);
    return { text, unsafe: label === 'unsafe' };
  });
}
