import { endianness } from 'node:os';
import { wantsUpload } from '../codec-options.ts';
import { type AudioPlan, type EncodePlan, isFullRange } from '../encode-plan.ts';

/** Nothing but errors on stderr, no keyboard, and no look at the input beyond what its options say. */
const common = [
  '-hide_banner',
  '-nostdin',
  '-loglevel',
  'error',
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
];

/**
 * The header comes before the first packet, and each packet leaves in a fragment of its own as soon as the muxer sees
 * the next one. (Without `-fflags nobuffer`, which would look right here: it drops the packet read while probing.)
 */
const fragmented = [
  ...['-f', 'mp4', '-movflags', 'empty_moov+default_base_moof+frag_every_frame'],
  ...['-flush_packets', '1', 'pipe:1'],
];

/** Raw frames on stdin, fragmented MP4 on stdout. */
export function videoArguments(plan: EncodePlan): string[] {
  const { fps } = plan;
  return [
    ...common,
    ...['-f', 'rawvideo', '-pix_fmt', plan.sourceFormat, '-s', `${plan.width}x${plan.height}`],
    ...['-r', `${fps.num}/${fps.den}`, '-i', 'pipe:0', '-an'],
    ...['-c:v', plan.codec, ...plan.codecOptions.flatMap(([name, value]) => [`-${name}:v`, value])],
    ...(wantsUpload(plan.codec) ? upload(plan.pixelFormat) : ['-pix_fmt', plan.pixelFormat]),
    ...colourArguments(plan),
    ...plan.extraArgs,
    ...['-video_track_timescale', String(fps.timescale)],
    ...fragmented,
  ];
}

/** To the memory of the first GPU that VAAPI can use. */
function upload(pixelFormat: string): string[] {
  return ['-vaapi_device', '/dev/dri/renderD128', '-vf', `format=${pixelFormat},hwupload`];
}

function colourArguments(plan: EncodePlan): readonly string[] {
  if (!/^(yuv|nv)/.test(plan.pixelFormat)) return [];
  if (plan.sourceFormat === 'rgb24') return colour;
  // What came as YUV goes on as it is; only its range is known.
  return isFullRange(plan) ? ['-color_range', 'pc'] : [];
}

/**
 * swscale turns RGB into YUV with the matrix of BT.601 whatever the size. Said aloud, or a player takes the picture
 * for BT.709 from 720 lines on and shifts the colours.
 */
const colour = ['-colorspace', 'smpte170m', '-color_primaries', 'bt709', '-color_trc', 'iec61966-2-1'];

/** Interleaved float32 samples on stdin, fragmented MP4 with one AAC-LC frame a fragment on stdout. */
export function audioArguments(audio: AudioPlan): string[] {
  return [
    ...common,
    ...['-f', endianness() === 'LE' ? 'f32le' : 'f32be', '-ar', String(audio.sampleRate)],
    ...['-ac', String(audio.channels), '-i', 'pipe:0', '-vn'],
    // The default coder, `twoloop`, breaks steady tones audibly in ffmpeg 5 (0.3 off full scale, by measurement).
    ...['-c:a', 'aac', '-aac_coder', 'fast', '-profile:a', 'aac_low', '-b:a', String(audio.bitrate)],
    ...fragmented,
  ];
}
