import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { maxLineBytes, readLines } from '../../../src/commands/pipe/read-lines.ts';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))
    lines.push(line);
  return lines;
}

describe('readLines', () => {
  it.each([
    ['nothing', [], []],
    ['lines with and without an end', ['a\nb'], ['a', 'b']],
    ['blank lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['Windows line ends, cut in the middle', ['a\r', '\nb\r\n', '\r\n'], ['a', 'b', '']],
    ['a carriage return inside a line', ['a\rb\n'], ['a\rb']],
    ['lines over many chunks', ['a', 'b', 'c\nd', 'e\n'], ['abc', 'de']],
    ['a byte order mark', ['\ufeffa\n\ufeffb\n'], ['a', '\ufeffb']],
  ])('reads %s', async (_, chunks, lines) => {
    expect(await linesOf(...chunks)).toEqual(lines);
  });

  it('puts characters together that were cut between two chunks', async () => {
    const bytes = Buffer.from('ein grüner Fuchs 🦊\nnoch einer\n');
    for (let at = 1; at < bytes.length; at += 1) {
      expect(await linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual([
        'ein grüner Fuchs 🦊',
        'noch einer',
      ]);
    }
  });

  it('takes a line of 1 MiB and refuses one byte more, by its number', async () => {
    const line = 'x'.repeat(maxLineBytes);
    expect(await linesOf(`${line}\r\n`)).toEqual([line]);
    await expect(linesOf('a\n', line, 'y\n')).rejects.toMatchObject({
      code: 'input_invalid',
      message: `Line 2 of stdin is longer than ${maxLineBytes} bytes; is it text?`,
    });
  });

  it('refuses an endless line before it is all there', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536, 'x'));
      },
    });
    await expect(readLines(endless).next()).rejects.toMatchObject({ code: 'input_invalid' });
    expect(endless.destroyed).toBe(true);
  });

  it('refuses bytes that are not UTF-8, by line number', async () => {
    await expect(linesOf('a\n', Buffer.from([0xff, 0xfe]), '\n')).rejects.toMatchObject({
      code: 'input_invalid',
      message: 'Line 2 of stdin is not UTF-8.',
    });
  });

  it('destroys the stream when its reader leaves while a read waits', async () => {
    const input = new PassThrough();
    const lines = readLines(input);
    const waiting = lines.next();
    waiting.catch(() => undefined);
    await lines.return?.();
    expect(input.destroyed).toBe(true);
  });
});
