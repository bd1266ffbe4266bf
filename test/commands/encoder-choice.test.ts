import { describe, expect, it } from 'vitest';
import { hangLimitMs } from '../support/hang-limit.ts';
import { runHere } from './run-here.ts';

const oneLine =
  /^fastvideo: The encoder no_such_codec does not work here: .+ Set streaming\.encoder\.codec to .+\n$/;

describe('a codec that does not work here', () => {
  it.each([
    ['the start', ['--server.port', '0']],
    ['--check', ['--check']],
  ])('ends %s with exit code 2 and one line that says why and what to set', async (_name, args) => {
    const { code, stdout, stderr } = await runHere([
      'mock',
      ...args,
      '--streaming.encoder.codec',
      'no_such_codec',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(oneLine);
  });

  it('ends a start of `serve`, whose workers fail, with the same line', {
    timeout: hangLimitMs,
  }, async () => {
    const quick = ['--server.port', '0', '--generator.model_path', 'mock:gradient'];
    const { code, stderr } = await runHere(['serve', ...quick, '--streaming.encoder.codec', 'no_such_codec']);
    expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
      code: 2,
      last: expect.stringMatching(/^fastvideo: The encoder no_such_codec does not work here: /),
    });
  });

  it('is told of by --print-config, which prints the values all the same', async () => {
    const { code, stdout } = await runHere(['mock', '--print-config'], {
      FASTVIDEO_VIDEO_CODEC: 'no_such_codec',
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# encoder: none\. The encoder no_such_codec does not work here: /m);
    expect(stdout).toMatch(/^ {4}codec: no_such_codec # FASTVIDEO_VIDEO_CODEC$/m);
  });
});

describe('--print-config', () => {
  it('says what encodes, and why', async () => {
    const { stdout } = await runHere(['mock', '--print-config']);
    expect(stdout.split('\n')[1]).toBe('# encoder: libav, libx264 (node-av is installed)');
    const asked = await runHere(['serve', '--print-config', '--streaming.encoder.backend', 'ffmpeg']);
    expect(asked.stdout.split('\n')[1]).toBe('# encoder: ffmpeg, libx264');
  });
});
