import type { Layer } from './layer.ts';
import { isMapping, type Mapping, mappingOf, valueAt } from './mapping.ts';
import type { Environment } from './variables.ts';

/** A value of the encoder, and the variable that it is from. */
export interface EncoderVariable {
  readonly key: string;
  readonly name: string;
  readonly value: string | number;
}

/**
 * What FastVideo's variables say of the encoder, for keys of `streaming.encoder` that are not set: `FASTVIDEO_VIDEO_CODEC`,
 * and for that kind of codec its preset, its tuning and its quality. An empty variable says nothing.
 */
export function encoderVariables(encoder: Mapping, env: Environment): EncoderVariable[] {
  const isSet = (key: string) => (encoder[key] ?? undefined) !== undefined;
  const codec = isSet('codec') ? encoder.codec : env.FASTVIDEO_VIDEO_CODEC;
  return [
    { key: 'codec', name: 'FASTVIDEO_VIDEO_CODEC' },
    { key: 'pixel_format', name: 'FASTVIDEO_OUTPUT_PIX_FMT' },
    ...ofFamily(codec),
  ].flatMap(({ key, name }): EncoderVariable[] => {
    const text = env[name];
    if (text === undefined || text === '' || isSet(key)) return [];
    if (key !== 'crf') return [{ key, name, value: text }];
    return isSet('bitrate') ? [] : [{ key, name, value: Number(text) }];
  });
}

function ofFamily(codec: unknown): readonly { readonly key: string; readonly name: string }[] {
  if (!codec || codec === 'libx264') return [{ key: 'preset', name: 'FASTVIDEO_X264_PRESET' }];
  if (typeof codec !== 'string' || !codec.endsWith('_nvenc')) return [];
  return [
    { key: 'preset', name: 'FASTVIDEO_NVENC_PRESET' },
    { key: 'tune', name: 'FASTVIDEO_NVENC_TUNE' },
    { key: 'crf', name: 'FASTVIDEO_NVENC_QP' },
  ];
}

/** The same as layers of a config, each with its variable as the origin. */
export function encoderVariableLayers(tree: Mapping, env: Environment): Layer[] {
  const path = ['streaming', 'encoder'];
  const encoder = valueAt(tree, path);
  return encoderVariables(isMapping(encoder) ? encoder : {}, env).map(({ key, name, value }) => ({
    tree: mappingOf([...path, key], value) as Mapping,
    origin: () => name,
    place: () => ({ subject: name }),
  }));
}
