import { describe, expect, test } from 'vitest';
import { errorSentence } from '../../playground/error-sentences.ts';
import { wireErrorCodes } from '../../src/core/base/error-table.ts';

describe.each(wireErrorCodes)('the sentence for %s', (code) => {
  test("says what happened, the server's words, and what to do", () => {
    const sentence = errorSentence({ code, message: 'words of the server', retryable: false });
    expect(sentence).toMatch(/^[A-Z].+\. words of the server\. [A-Z].+$/);
  });
});
