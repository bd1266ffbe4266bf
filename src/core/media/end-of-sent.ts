import { planEncode } from './encode-plan.ts';
import type { EncodeOptions, EncoderOutput } from './encoder.ts';
import { SoundTrack } from './sound-track.ts';
import { type SentMedia, timelineStart } from './timeline.ts';

/**
 * The end of a segment of which all frames were sent before: what an encoder would say, without one. `sound` is the
 * segment's; what was not sent of it is left for the next segment, and where it is too short there is silence.
 */
export function endOfSent(
  options: EncodeOptions & { readonly sent: SentMedia },
  sound: Iterable<{ readonly samples: Float32Array | Int16Array }>,
): Extract<EncoderOutput, { type: 'end' }> {
  const { fps, audio } = planEncode(options);
  const { timeline = timelineStart, sent } = options;
  const { frames } = sent;
  const videoFrames = timeline.videoFrames + frames;
  const durationMs = (frames * 1000 * fps.den) / fps.num;
  if (!audio) return { type: 'end', frames, durationMs, timeline: { videoFrames } };
  const track = new SoundTrack(audio, fps, timeline, sent);
  for (const { samples } of sound) track.append(samples);
  track.padTo(frames);
  return { type: 'end', frames, durationMs, timeline: { videoFrames, audio: track.carry(frames) } };
}
