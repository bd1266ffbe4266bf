import type { EncodersOptions } from '../../media/create-encoders.ts';
import type { EncoderSettings as EncoderSettingsMessage } from '../../protocol/worker/messages.ts';
import type { EncoderSettings } from '../segment-maker.ts';

export function encoderSettings(message: EncoderSettingsMessage): EncoderSettings {
  return {
    preset: message.preset,
    pixelFormat: message.pixel_format,
    fragmentDurationMs: message.fragment_duration_ms,
    extraArgs: message.extra_args,
    ...(message.profile === undefined ? {} : { profile: message.profile }),
    ...(message.gop === undefined ? {} : { gop: message.gop }),
  };
}

/** Which encoders they ask for. */
export function encodersOptions(message: EncoderSettingsMessage): EncodersOptions {
  return {
    backend: message.backend,
    ffmpegPath: message.ffmpeg_path,
    hasExtraArgs: message.extra_args.length > 0,
  };
}
