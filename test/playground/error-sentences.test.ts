import { describe, expect, test } from 'vitest';
import { errorSentence } from '../../playground/error-sentences.ts';
import { wireErrorCodes } from '../../src/core/base/error-table.ts';

describe.each(wireErrorCodes)('the sentence for %s', (code) => {
  test("says what happened, the server's words, and what to do", () => {
    const sentence = errorSentence({ code, message: 'words of the server' });
    expect(sentence).toMatch(/^(?:[A-Z].+\. )?Words of the server\. [A-Z].+$/);
  });
});

test('the name of the frame and what was said already are left out', () => {
  const message = 'segment_prompt_source: a prompt of 9000 characters is over the limit of 8192.';
  expect(errorSentence({ code: 'invalid_message', message })).toBe(
    'The server did not accept that. A prompt of 9000 characters is over the limit of 8192. Change the prompt or the options and try again.',
  );
  const blocked = 'The safety filter blocked the prompt as "unsafe".';
  expect(errorSentence({ code: 'prompt_blocked', message: blocked })).toBe(
    'The safety filter blocked the prompt as "unsafe". Rephrase it and send it again.',
  );
});
