import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import type { EncoderSettings } from '../../core/protocol/worker/messages.ts';

const defaultFragmentMs = 100;

/** The block `streaming.encoder` as workers are told of it. */
export function encoderMessage({ streaming }: ServeConfig): EncoderSettings {
  const { extra_args, fragment_ms, fragment_duration_ms, preset, ...encoder } = streaming.encoder;
  return {
    ...encoder,
    // Workers that encode with x264 have always been told one.
    preset: preset ?? (encoder.codec === 'libx264' ? 'ultrafast' : undefined),
    fragment_duration_ms: fragment_ms ?? fragment_duration_ms ?? defaultFragmentMs,
    extra_args: [...extra_args],
  };
}
