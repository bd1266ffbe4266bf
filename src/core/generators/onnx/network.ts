import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { errorMessage, FastVideoError, systemErrorCode } from '../../base/errors.ts';
import { packagePath } from '../../base/package-path.ts';
import { cppnSha256 } from './cppn-hash.ts';

export interface NetworkOptions {
  /** Threads of one operator; default 1. Two spin two cores for about 1.5 times the speed. */
  readonly intraOpNumThreads?: number;
  /** Operators at once; default 1. */
  readonly interOpNumThreads?: number;
  /** onnxruntime's own log on stderr: 0 verbose to 4 fatal only; default 4. */
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  /** The network's file; default the one shipped. Its hash must be the shipped one's. */
  readonly file?: URL;
}

/** The embedded network, loaded. A run blocks the event loop for as long as the frame takes. */
export interface Network {
  /** One RGB24 frame of a latent at a time in seconds. */
  render(latent: readonly number[], seconds: number, width: number, height: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Throws `start_failed` for a missing or changed file, and when onnxruntime cannot load it. */
export async function loadNetwork(options: NetworkOptions = {}): Promise<Network> {
  const file = options.file ?? pathToFileURL(packagePath('dist/networks/cppn.onnx'));
  const bytes = await readNetwork(file);
  let session: InferenceSession;
  try {
    // From the bytes that were checked: a flipped bit loads without complaint and shows as noise.
    session = await InferenceSession.create(bytes, {
      intraOpNumThreads: options.intraOpNumThreads ?? 1,
      interOpNumThreads: options.interOpNumThreads ?? 1,
      logSeverityLevel: options.logSeverityLevel ?? 4,
    });
  } catch (error) {
    const message = `onnxruntime cannot load the embedded network: ${errorMessage(error)}`;
    throw new FastVideoError('start_failed', message, { cause: error });
  }
  let closing: Promise<void> | undefined;
  return {
    render: (latent, seconds, width, height) => render(session, latent, seconds, width, height),
    close: () => (closing ??= session.release()),
  };
}

async function readNetwork(file: URL): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const why = systemErrorCode(error) === 'ENOENT' ? 'the file is missing' : errorMessage(error);
    const message = `The embedded network ${file.pathname} cannot be read: ${why}. Reinstall fastvideo.`;
    throw new FastVideoError('start_failed', message, { cause: error });
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash === cppnSha256) return bytes;
  throw new FastVideoError(
    'start_failed',
    `The embedded network ${file.pathname} is not the shipped one: its SHA-256 is ${hash}, not ${cppnSha256}. ` +
      'Reinstall fastvideo.',
  );
}

async function render(
  session: InferenceSession,
  latent: readonly number[],
  seconds: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const feeds = {
    z: new Tensor('float32', Float32Array.from(latent), [1, latent.length]),
    t: new Tensor('float64', Float64Array.of(seconds), [1, 1]),
    size: new Tensor('int64', BigInt64Array.of(BigInt(height), BigInt(width)), [2]),
  };
  const frames = (await session.run(feeds)).frames;
  if (!(frames?.data instanceof Uint8Array)) {
    throw new Error(`The network gave ${frames?.type ?? 'nothing'}, not uint8 frames.`);
  }
  return frames.data;
}
