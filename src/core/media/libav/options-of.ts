import { FastVideoError } from '../../base/errors.ts';
import type { CodecOption } from '../codec-options.ts';

/**
 * Further arguments of ffmpeg's command line as options of a codec: `-crf:v 20` is `crf`, `20`. Throws `input_invalid`
 * for what is no pair of an option and its value.
 */
export function optionsOf(extraArgs: readonly string[]): CodecOption[] {
  const options: CodecOption[] = [];
  for (let at = 0; at < extraArgs.length; at += 2) {
    const [argument = '', value] = extraArgs.slice(at, at + 2);
    const name = /^-([A-Za-z][\w-]*)(:v(:0)?)?$/.exec(argument)?.[1];
    if (name === undefined || value === undefined) {
      const what = name === undefined ? `'${argument}' is not an option` : `'${argument}' has no value`;
      throw new FastVideoError(
        'input_invalid',
        `${what} in the extra arguments of the encoder: libav accepts pairs such as -x264-params ref=2.`,
      );
    }
    options.push([name, value]);
  }
  return options;
}
