import { nearestKey, typingSlipOf } from '../nearest-key.ts';

/** Models that are part of the package, and what runs each. */
export const builtinModels: ReadonlyMap<string, 'onnx' | 'mock'> = new Map([
  ['builtin:cppn', 'onnx'],
  ['builtin:', 'onnx'],
  ['mock:gradient', 'mock'],
  ['mock:', 'mock'],
]);

const named = [...builtinModels.keys()].filter((name) => !name.endsWith(':'));
const schemes = ['builtin:', 'mock:', 'exec:'];

/** What `generator.model_path` must be instead; undefined where it can be right. A folder or model id is not looked at. */
export function modelPathProblem(path: string): string | undefined {
  const scheme = /^[A-Za-z]{2,}:/.exec(path)?.[0];
  if (scheme === undefined || builtinModels.has(path)) return undefined;
  if (scheme === 'exec:') {
    if (path.slice(scheme.length).trim() !== '') return undefined;
    return 'must name a command after "exec:", such as "exec:python3 my-worker.py"';
  }
  const meant = schemes.includes(scheme) ? scheme : typingSlipOf(scheme, schemes);
  if (meant === undefined) return undefined;
  if (meant === 'exec:') return 'must begin with "exec:" to name a command';
  const nearest = nearestKey(path, named)?.key;
  const known = named.map((name) => `"${name}"`).join(' or ');
  return `must be a model that is built in, ${known} (the nearest is "${nearest}")`;
}
