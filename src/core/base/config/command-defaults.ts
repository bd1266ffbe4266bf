import { aspectRatios } from '../video-shapes.ts';
import { builtInLayer, type Layer } from './layer.ts';
import { type Mapping, mappingOf, valueAt } from './mapping.ts';
import { largestSide, smallestSide } from './serve-schema/default-request.ts';

export type ServeCommand = 'serve' | 'mock';

const models = { serve: 'builtin:cppn', mock: 'mock:gradient' } as const;

/** Two seconds come soon on a CPU; the mock costs nothing and shows segments as long as the product's: five. */
const frames = { serve: 48, mock: 120 } as const;

/** What holds when there is no config file. */
export function embeddedDefaults(command: ServeCommand): Layer {
  return builtInLayer(
    {
      generator: { model_path: models[command] },
      server: { host: '127.0.0.1' },
      default_request: { sampling: { width: 640, height: 352, fps: 24, num_frames: frames[command] } },
    },
    'embedded default',
  );
}

/** Where the command's defaults are not those of the schema. A file wins over them. */
export function commandDefaults(command: ServeCommand): Layer {
  const prompt = { enabled: true, provider: 'echo' };
  // A front end is tried with all that it offers.
  const creation = {
    aspect_ratios: aspectRatios,
    resolutions: ['480p', '720p', '1080p'],
    max_segment_seconds: 20,
  };
  const mock = { server: { host: '127.0.0.1' }, streaming: { max_sessions: 64, prompt, creation } };
  return builtInLayer(command === 'mock' ? mock : {}, 'default');
}

/**
 * Without a config file, and without a cap on the command line: a visitor's first video does not end by itself, while the
 * web app of `/ws` saves a rollout, and offers it for download, when it is complete.
 */
export function embeddedCaps(tree: Mapping): Layer[] {
  if (valueAt(tree, ['streaming', 'generation_segment_cap']) !== undefined) return [];
  const rollout = valueAt(tree, ['streaming', 'rollout_segment_cap']) === undefined;
  const streaming = { generation_segment_cap: 0, ...(rollout ? { rollout_segment_cap: 6 } : {}) };
  return [builtInLayer({ streaming }, 'embedded default')];
}

/** Video has an even size: that of a file which says an odd one is the next larger. */
export function evenSizes(tree: Mapping): Layer[] {
  return ['width', 'height'].flatMap((side) => {
    const path = ['default_request', 'sampling', side];
    const given = valueAt(tree, path);
    if (typeof given !== 'number' || given % 2 !== 1) return [];
    const isKnown = given + 1 >= smallestSide && given < largestSide;
    const even = builtInLayer(mappingOf(path, given + 1) as Mapping, `rounded up from ${given}`);
    return isKnown ? [{ ...even, given }] : [];
  });
}

/** The model and the backend, as far as they follow from the command and from the values so far. */
export function derivedValues(command: ServeCommand, tree: Mapping): Layer[] {
  const set = (key: string, value: string, origin: string) =>
    builtInLayer(mappingOf(['generator', key], value) as Mapping, origin);
  const given = valueAt(tree, ['generator', 'model_path']);
  const backend = valueAt(tree, ['generator', 'backend']);
  if (command === 'mock') {
    // The same file serves both commands: here its model, which may need a GPU, is not loaded.
    const foreignModel = typeof given === 'string' && !given.startsWith('mock:');
    const foreignBackend = typeof backend === 'string' && backend !== 'mock';
    return [
      ...(foreignModel ? [set('model_path', models.mock, 'fastvideo mock')] : []),
      ...(given === undefined || given === null ? [set('model_path', models.mock, 'default')] : []),
      ...(foreignBackend ? [set('backend', 'mock', 'fastvideo mock')] : []),
      ...(backend === undefined ? [set('backend', 'mock', 'default')] : []),
    ];
  }
  const model = given ?? models.serve;
  if (backend !== undefined || typeof model !== 'string') return [];
  if (model.startsWith('builtin:')) return [set('backend', 'onnx', 'default')];
  if (model.startsWith('mock:')) return [set('backend', 'mock', 'default')];
  return [];
}
