import type { Layer } from './layer.ts';
import { type Mapping, mappingOf, valueAt } from './mapping.ts';
import type { Environment } from './variables.ts';

const encoder = ['streaming', 'encoder'];

/**
 * What FastVideo's variables say of the encoder, for keys that nothing else sets: `FASTVIDEO_VIDEO_CODEC`, and for that
 * kind of codec its preset, its tuning and its quality. An empty variable says nothing.
 */
export function encoderVariables(tree: Mapping, env: Environment): Layer[] {
  const isSet = (key: string) => (valueAt(tree, [...encoder, key]) ?? undefined) !== undefined;
  const codec = isSet('codec') ? valueAt(tree, [...encoder, 'codec']) : env.FASTVIDEO_VIDEO_CODEC;
  const family =
    typeof codec === 'string' && codec.endsWith('_nvenc')
      ? [
          variable('preset', 'FASTVIDEO_NVENC_PRESET'),
          variable('tune', 'FASTVIDEO_NVENC_TUNE'),
          ...(isSet('bitrate') ? [] : [variable('crf', 'FASTVIDEO_NVENC_QP', Number)]),
        ]
      : !codec || codec === 'libx264'
        ? [variable('preset', 'FASTVIDEO_X264_PRESET')]
        : [];
  return [
    variable('codec', 'FASTVIDEO_VIDEO_CODEC'),
    variable('pixel_format', 'FASTVIDEO_OUTPUT_PIX_FMT'),
    ...family,
  ].flatMap(({ key, name, read }) => {
    const text = env[name];
    if (text === undefined || text === '' || isSet(key)) return [];
    const value = mappingOf([...encoder, key], read(text)) as Mapping;
    return [{ tree: value, origin: () => name, place: () => ({ subject: name }) }];
  });
}

function variable(key: string, name: string, read: (text: string) => unknown = String) {
  return { key, name, read };
}
