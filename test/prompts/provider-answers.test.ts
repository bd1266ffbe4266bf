import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.ts';
import { enhancerOver } from './enhancers.ts';

let provider: StandInProvider;
beforeEach(async () => {
  provider = await startStandInProvider();
});
afterEach(() => provider.stop());

const saying = (message: object, more: object = {}) =>
  JSON.stringify({ choices: [{ message, finish_reason: 'stop', ...more }] });
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

describe('what providers answer', () => {
  it.each([
    ['a text part', saying({ content: [{ type: 'text', text: 'A fox.' }] })],
    [
      'parts with thoughts',
      saying({
        content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }, 'A ', { text: 'fox.' }],
      }),
    ],
    ['a byte order mark', `\ufeff${saying({ content: 'A fox.' })}`],
    ['padding', `\n\n  ${saying({ content: 'A fox.' })}`],
    [
      'a first choice that is empty',
      JSON.stringify({ choices: [{ message: { content: '' } }, { message: { content: 'A fox.' } }] }),
    ],
    ['events', `: keep-alive\n\n${chunk('A ')}${chunk('fox.')}data: [DONE]\n\n`],
    ['events with a line separator in a text', `${chunk('A\u2028')}${chunk('fox.')}`],
  ])('is read: %s', async (_, body) => {
    provider.reply({ kind: 'raw', body });
    expect((await enhancerOver([provider]).enhance('x')).content).toBe('A fox.');
  });

  it.each([
    [
      'an error',
      '{"error":{"message":"free limit reached","code":429}}',
      'with an error: free limit reached',
    ],
    ['an error without choices', '{"choices":null,"error":{"message":"overloaded"}}', 'overloaded'],
    ['an error as a text', '{"object":"error","message":"not loaded","code":503}', 'not loaded'],
    ['an error as an event', 'data: {"error":{"message":"not loaded"}}\n\n', 'not loaded'],
    ['a refusal', saying({ content: null, refusal: 'I cannot.' }), 'with a refusal: I cannot.'],
    ['a tool call', saying({ content: null, tool_calls: [{}] }), 'with a tool call'],
    ['thoughts', saying({ content: null, reasoning_content: 'hm' }), 'with nothing but reasoning'],
    ['a filter', saying({ content: null }, { finish_reason: 'content_filter' }), 'content filter'],
    ['a page', ' <html>', 'with a page'],
  ])('is told: %s', async (_, body, message) => {
    provider.reply({ kind: 'raw', body });
    const failing = enhancerOver([provider]).enhance('x');
    await expect(failing).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining(message),
    });
  });

  it('is not tried again where it is an error for good', async () => {
    provider.reply({ kind: 'raw', body: '{"error":{"message":"no such model","code":404}}' });
    await expect(enhancerOver([provider]).enhance('x')).rejects.toMatchObject({ retryable: false });
  });

  it.each([
    ['{message}', '{"object":"error","message":"too  large"}'],
    ['{detail}', '{"detail":"too large"}'],
    ['{detail} as a list', '{"detail":[{"loc":["body"],"msg":"too large"}]}'],
    ['{error} as a text', '{"error":"too large","error_type":"x"}'],
    ['an array', '[{"error":{"message":"too large"}}]'],
    ['a page', '<html><head><title>too large</title></head></html>'],
    ['a text', 'too large\n'],
  ])('tells why, in an error body with %s', async (_, body) => {
    provider.reply({ kind: 'status', status: 422, body });
    await expect(enhancerOver([provider]).enhance('x')).rejects.toMatchObject({
      message: 'one answered 422 too large',
    });
  });

  it('says what the status means where nothing else does', async () => {
    provider.reply({ kind: 'status', status: 422, body: '' });
    await expect(enhancerOver([provider]).enhance('x')).rejects.toThrow(
      'one answered 422 Unprocessable Entity',
    );
  });
});
