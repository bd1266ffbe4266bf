import { describe, expect, it } from 'vitest';
import { mentions, withMembers } from '../../../src/core/router/failover/opening-message.ts';

function added(text: string, members: Record<string, string> = { checkpoints: 'true' }): unknown {
  const { data } = withMembers({ data: Buffer.from(text), isBinary: false }, members);
  return JSON.parse(data.toString());
}

describe('the first message with further members', () => {
  it.each([
    ['{"type":"session_init_v2"}', { type: 'session_init_v2', checkpoints: true }],
    [' \n{"type":"a" }\r\n', { type: 'a', checkpoints: true }],
    ['{}', { checkpoints: true }],
    ['{ }', { checkpoints: true }],
    ['{"name":"ö }"}', { name: 'ö }', checkpoints: true }],
    // A member of the same name gives way.
    ['{"checkpoints":false}', { checkpoints: true }],
  ])('%j', (text, expected) => {
    expect(added(text)).toEqual(expected);
  });

  it('stays as it is when it is no object, or binary', () => {
    for (const text of ['', '   ', '[]', '"{}"', '{', '}', 'null', '{"type":']) {
      const message = { data: Buffer.from(text), isBinary: false };
      expect(withMembers(message, { checkpoints: 'true' }).data.toString()).toBe(text);
    }
    const binary = { data: Buffer.from('{}'), isBinary: true };
    expect(withMembers(binary, { checkpoints: 'true' })).toBe(binary);
  });
});

describe('whether the first message mentions a name', () => {
  it.each([
    ['{"checkpoint":{}}', true],
    ['{"a":{"checkpoint":1}}', true],
    ['{"\\u0063heckpoint":{}}', true],
    ['{"type":"session_init_v2"}', false],
  ])('%s', (text, expected) => {
    expect(mentions({ data: Buffer.from(text), isBinary: false }, ['checkpoint', 'already_sent'])).toBe(
      expected,
    );
  });
});
