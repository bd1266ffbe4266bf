import { errorMessage, FastVideoError, systemErrorCode } from './errors.ts';

/**
 * Loads code that imports `onnxruntime-node`, with the usage data off that releases from 1.30 on can send to their maker:
 * they read `ORT_DISABLE_TELEMETRY` when they are loaded; whoever wants that sets it to 0. The package may be missing: its installer fails where api.nuget.org cannot be reached,
 * and all but the embedded network and ONNX classifiers work without. Throws `start_failed` then.
 */
export async function withOnnxRuntime<Module>(load: () => Promise<Module>): Promise<Module> {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  try {
    return await load();
  } catch (error) {
    const isMissing = systemErrorCode(error) === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing || !errorMessage(error).includes("'onnxruntime-node'")) throw error;
    throw new FastVideoError(
      'start_failed',
      'onnxruntime-node is not installed: run "npm install onnxruntime-node" with ONNXRUNTIME_NODE_INSTALL=skip, which skips the download of GPU files.',
      { cause: error },
    );
  }
}
