import { describe, expect, it } from 'vitest';
import { clientMessage, clientText } from '../../src/core/base/client-text.ts';
import { FastVideoError, toFastVideoError } from '../../src/core/base/errors.ts';

describe('what a client is told', () => {
  it.each([
    [
      "ENOENT: no such file or directory, open '/srv/my models/x.png'",
      'ENOENT: no such file or directory, open [path]',
    ],
    ['The model /opt/models/ltx2.onnx cannot be read.', 'The model [path] cannot be read.'],
    ['The store file:/var/lib/fv failed: ENOSPC.', 'The store [path] failed: ENOSPC.'],
    ['at file:///srv/app/dist/x.js:3:4', 'at [path]'],
    ['File "/usr/lib/python3/x.py", line 3, in f', 'File [path], line 3, in f'],
    ['ffmpeg:/tmp/a.mp4: Invalid data', 'ffmpeg:[path] Invalid data'],
    ['outputs/curated_presets.json is no list', '[path] is no list'],
    ['../a/b is no folder, nor ~/x, nor C:\\Users\\me\\x', '[path] is no folder, nor [path], nor [path]'],
  ])('holds no path: %s', (text, told) => {
    expect(clientText(text)).toBe(told);
  });

  it.each([
    'initial_image: its content is image/png; send a PNG and/or JPEG at 24 frames/s.',
    'openai cannot be reached at http://127.0.0.1:8000/v1/chat: ECONNREFUSED',
    'redis://host:6379/0 failed, 3/4 of "a fox / a cat"',
  ])('is otherwise what was said: %s', (text) => {
    expect(clientText(text)).toBe(text);
  });

  it('is bounded, and found in linear time', () => {
    for (const piece of ['/', '"/', 'a/', 'a.b/', '\\', "'", '~/', 'file:']) {
      expect(clientText(piece.repeat(1_000_000)).length).toBeLessThan(10_000);
    }
  });

  it('is nothing of an error that nobody expected', () => {
    const error = new TypeError('x is undefined in /srv/app.js');
    const general = 'The server had an internal error.';
    expect([clientMessage(error), clientMessage(toFastVideoError(error))]).toEqual([general, general]);
    expect(clientMessage(new FastVideoError('worker_failed', 'No /a/b.'))).toBe('No [path]');
  });
});
