import { errorMessage } from '../../base/errors.ts';

/** The libraries of FFmpeg, in this process. */
export interface Libav {
  readonly lib: typeof import('node-av/lib');
  readonly constants: typeof import('node-av/constants');
}

let loading: Promise<Libav | string> | undefined;

/** `node-av`, or why it cannot be used: it is an optional dependency, and native. Loaded once. */
export function loadLibav(): Promise<Libav | string> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Libav | string> {
  try {
    const [lib, constants] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
    // x264 tells much of itself; what goes wrong is told by the calls.
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return { lib, constants };
  } catch (error) {
    return errorMessage(error);
  }
}
