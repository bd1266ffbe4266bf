import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { indexLines } from '../../src/core/server/recording/index-lines.ts';
import { textMember } from '../../src/core/server/recording/text-message.ts';

const header =
  '{"format":"fastvideo-recording","version":1,"path":"/ws","server_version":"1","started_at":"2026-01-01T00:00:00.000Z"}';

describe('an index', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-index-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const read = async (content: string | Uint8Array): Promise<number | FastVideoError> => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, content);
    let count = 0;
    try {
      for await (const _ of indexLines(path)) count += 1;
      return count;
    } catch (error) {
      if (error instanceof FastVideoError) return error;
      throw error;
    }
  };

  it('of any bytes is read or refused as not being a recording', async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(junk, { maxLength: 4 }), async (headed, parts) => {
        const lines = parts.flatMap((part) => [Buffer.from(part), Buffer.from('\n')]);
        const result = await read(Buffer.concat([Buffer.from(headed ? `${header}\n` : ''), ...lines]));
        if (result instanceof FastVideoError) expect(result.code).toBe('usage');
        else expect(result).toBeGreaterThanOrEqual(headed ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });

  it('that is cut off anywhere is read up to there', async () => {
    const lines = [
      header,
      '{"ms":0,"from":"client","frame":{"type":"a \u2028 ü"}}',
      '{"ms":1.5,"from":"server","text":"[1]"}',
      '{"ms":2,"from":"server","binary":{"offset":0,"length":3}}',
      '{"ms":3,"close":{"code":1006,"reason":""}}',
    ];
    const whole = Buffer.from(`${lines.join('\n')}\n`);
    const headerBytes = Buffer.byteLength(header) + 1;
    for (let length = headerBytes; length <= whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      const ended = cut.filter((byte) => byte === 0x0a).length;
      const result = await read(cut);
      // A last line without its end counts when it is whole.
      const next = whole[length] === 0x0a ? 1 : 0;
      expect(result, cut.toString()).toBe(ended + next);
    }
  });

  it('that is empty holds nothing', async () => {
    expect(await read('')).toBe(0);
  });
});

describe('a text message in a recording', () => {
  it('is the same frame again, whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (frame) => {
        fc.pre(!JSON.stringify(frame).includes('resume_token'));
        expect(textMember(JSON.stringify(frame))).toEqual({ frame: JSON.parse(JSON.stringify(frame)) });
      }),
    );
  });

  it('holds no resume token, wherever it stands and however it is written', () => {
    for (const text of [
      '{"type":"gpu_assigned","resume_token":"secret"}',
      '{"type":"session_init_v2","resume":{"session_id":"a","resume_token":"secret"}}',
      '{"resume\\u005ftoken":"secret"}',
      '[{"resume_token":"secret"}]',
      '{"type":"session_init_v2","resume":{"resume_token" : "secret"},}',
      '{"resume_token":"secret',
    ]) {
      expect(JSON.stringify(textMember(text)), text).not.toContain('secret');
    }
  });

  it('that is no JSON object stays the text that it is', () => {
    for (const text of ['', 'hello', '[1]', 'null', '"x"', '{', '[1, 2']) {
      expect(textMember(text)).toEqual({ text });
    }
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(textMember(deep)).toEqual({ text: deep });
    const long = `{"a":"${'x'.repeat(64 * 1024)}","b":${'['.repeat(100)}${']'.repeat(100)}}`;
    expect(textMember(long)).toEqual({ text: long });
  });
});
