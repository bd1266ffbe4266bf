import type { EncodersOptions } from '../../media/create-encoders.ts';
import type { EncoderSettings } from '../../media/encoder.ts';
import type { EncoderSettings as EncoderSettingsMessage } from '../../protocol/worker/messages.ts';

export function encoderSettings(message: EncoderSettingsMessage): EncoderSettings {
  const { codec, preset, tune, profile, gop, gop_seconds: gopSeconds, crf, bitrate } = message;
  return {
    pixelFormat: message.pixel_format,
    fragmentDurationMs: message.fragment_duration_ms,
    extraArgs: message.extra_args,
    ...(codec === undefined ? {} : { codec }),
    ...(preset === undefined ? {} : { preset }),
    ...(tune === undefined ? {} : { tune }),
    ...(profile === undefined ? {} : { profile }),
    ...(gop === undefined ? {} : { gop }),
    ...(gopSeconds === undefined ? {} : { gopSeconds }),
    ...(crf === undefined ? {} : { crf }),
    ...(bitrate === undefined ? {} : { bitrate }),
  };
}

/** Which encoders they ask for. */
export function encodersOptions(message: EncoderSettingsMessage): EncodersOptions {
  return {
    backend: message.backend,
    ffmpegPath: message.ffmpeg_path,
    settings: encoderSettings(message),
  };
}
