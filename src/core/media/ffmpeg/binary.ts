import { chmodSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { findOnPath, isExecutable, isFolder } from '../../base/executable.ts';
import { defaultCodec, type EncodePlan } from '../encode-plan.ts';

/** Names the ffmpeg to run, for every picture size. */
export const binaryVariable = 'FASTVIDEO_FFMPEG_BIN';

/**
 * Up to this many pixels the bundled ffmpeg is the better one. It is a static build of 2018 that starts in 10 to 20 ms;
 * a newer one of the system needs 60 to 80 ms for its shared libraries, but encodes faster for each pixel. Over a
 * segment of 120 frames the bundled one is ahead at 640x352 and behind at 1280x720.
 */
export const bundledUpToPixels = 640 * 480;

/**
 * The ffmpeg for pictures of `pixels` pixels (0 for sound): `explicitPath`, else `FASTVIDEO_FFMPEG_BIN`, else the
 * bundled one or the system's, whichever is better for the size; the other one where only that is there.
 * Throws `encoder_failed` when there is none.
 */
export function ffmpegBinary(explicitPath: string | undefined, pixels: number): string {
  const given = explicitPath ?? process.env[binaryVariable];
  if (given !== undefined && given !== '') return given;
  const [first, second] =
    pixels <= bundledUpToPixels ? [bundledFfmpeg, systemFfmpeg] : [systemFfmpeg, bundledFfmpeg];
  const path = first() ?? second();
  if (path !== undefined) return path;
  throw new FastVideoError(
    'encoder_failed',
    `There is no ffmpeg: neither the package @ffmpeg-installer/ffmpeg nor PATH has one; install it, or set ${binaryVariable} to its path.`,
    { retryable: false },
  );
}

/** The ffmpeg for the frames of a plan. What needs hardware only a newer one knows how to use. */
export function videoBinary(explicitPath: string | undefined, plan: EncodePlan): string {
  const pixels = plan.codec === defaultCodec ? plan.width * plan.height : Number.POSITIVE_INFINITY;
  return ffmpegBinary(explicitPath, pixels);
}

/**
 * Whether the ffmpeg can be started, short of starting it. Throws `config_invalid` for one that was named and cannot,
 * `encoder_failed` where there is none.
 */
export function checkFfmpegBinary(explicitPath: string | undefined, pixels: number): void {
  const given = ffmpegBinary(explicitPath, pixels);
  const path = basename(given) === given ? (findOnPath(given) ?? given) : given;
  if (isExecutable(path) && !isFolder(path)) return;
  const code = existsSync(path) ? 'EACCES' : 'ENOENT';
  const cause = startFailure(path, Object.assign(new Error(code), { code }));
  throw new FastVideoError('config_invalid', cause.message, { cause });
}

let bundled: { readonly path: string | undefined } | undefined;

/** The binary of `@ffmpeg-installer/ffmpeg`, where this platform has one that can be run. */
export function bundledFfmpeg(): string | undefined {
  bundled ??= { path: findBundled() };
  return bundled.path;
}

function findBundled(): string | undefined {
  let path: unknown;
  try {
    path = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;
  } catch {
    // It throws a string where the platform has no binary or npm left it out: the system's is used then.
    return undefined;
  }
  if (typeof path !== 'string') return undefined;
  return isExecutable(path) || makeExecutable(path) ? path : undefined;
}

/** Some installers and archives lose the x bit, and npm may have run no install script to set it. */
function makeExecutable(path: string): boolean {
  try {
    chmodSync(path, 0o755);
    return isExecutable(path);
  } catch {
    // Installed by another user: as good as not there.
    return false;
  }
}

let system: { readonly searched: string; readonly path: string | undefined } | undefined;

/** The first `ffmpeg` on PATH. Looked up once for each value of PATH. */
export function systemFfmpeg(): string | undefined {
  const searched = process.env.PATH ?? '';
  if (system?.searched !== searched) {
    system = { searched, path: findOnPath(process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg') };
  }
  return system.path;
}

/** What to say when the binary could not be started at all. */
export function startFailure(path: string, error: Error & { readonly code?: unknown }): FastVideoError {
  const remedy = `set ${binaryVariable}, streaming.encoder.ffmpeg_path or encode --ffmpeg to a working ffmpeg`;
  const reasons: Record<string, string> = {
    ENOENT: `There is no ffmpeg at '${path}'`,
    EACCES: isFolder(path)
      ? `'${path}' is a folder, not an ffmpeg`
      : `The ffmpeg at '${path}' is not executable: chmod +x it`,
  };
  const reason =
    reasons[String(error.code)] ?? `The ffmpeg at '${path}' could not be started (${errorMessage(error)})`;
  return new FastVideoError('encoder_failed', `${reason}; ${remedy}.`, { cause: error, retryable: false });
}
