import type { FFEncoderCodec } from 'node-av/constants';
import type { CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';
import { FastVideoError } from '../../base/errors.ts';
import { type EncodePlan, isFullRange } from '../encode-plan.ts';
import type { Sample } from '../mp4/fragment-writer.ts';
import { toLengthPrefixed } from '../mp4/nal-units.ts';
import { checked } from './check.ts';
import { type Held, hold, letGo } from './held.ts';
import { initSegment } from './init-segment.ts';
import type { Libav } from './load-libav.ts';
import { optionsOf } from './options-of.ts';
import { takenPackets } from './taken-packets.ts';

/** Up to this many pixels a frame is not worth the threads: one encodes it in a millisecond. */
const oneThreadUpToPixels = 640 * 480;

/**
 * An opened encoder with the colour conversion before it, for one segment: what it has seen before would show in the next
 * one, which has to be the same wherever it is made. Both steps run on other threads, and one frame may be converted
 * while the one before it is encoded.
 */
export class VideoCodec implements Held {
  readonly init: Uint8Array;
  readonly #av: Libav;
  readonly #plan: EncodePlan;
  readonly #encoder: CodecContext;
  readonly #scaler: SoftwareScaleContext;
  readonly #packet: Packet;
  readonly #source: Frame;
  readonly #converted: readonly [Frame, Frame];
  /** The bytes of the frame that is being converted. */
  #reading: Buffer | undefined;
  #framesIn = 0;
  #atWork = 0;
  #isFree = false;

  /** Throws `encoder_failed`. */
  static async open(av: Libav, plan: EncodePlan): Promise<VideoCodec> {
    const encoder = openedLater(av, plan);
    try {
      checked(av, await encoder.open2(), `open ${plan.codec}`);
      return new VideoCodec(av, plan, encoder);
    } catch (error) {
      encoder.freeContext();
      throw error;
    }
  }

  private constructor(av: Libav, plan: EncodePlan, encoder: CodecContext) {
    const { lib, constants } = av;
    const { width, height } = plan;
    this.#av = av;
    this.#plan = plan;
    this.#encoder = encoder;
    this.init = initSegment(av, plan, encoder, plan.fps.timescale);
    this.#packet = new lib.Packet();
    this.#packet.alloc();
    this.#scaler = new lib.SoftwareScaleContext();
    const source = lib.avGetPixFmtFromName(plan.sourceFormat);
    const { SWS_BICUBIC } = constants;
    this.#scaler.getContext(width, height, source, width, height, encoder.pixelFormat, SWS_BICUBIC);
    const frame = (format: typeof source): Frame => {
      const made = new lib.Frame();
      made.alloc();
      made.width = width;
      made.height = height;
      made.format = format;
      checked(av, made.getBuffer(), 'allocate a frame');
      return made;
    };
    this.#source = frame(source);
    this.#converted = [frame(encoder.pixelFormat), frame(encoder.pixelFormat)];
    hold(this);
  }

  get isBusy(): boolean {
    return this.#atWork > 0;
  }

  /** Converts a frame, which must not change before this resolves. One call at a time. */
  async convert(data: Uint8Array): Promise<Frame> {
    const into = this.#converted[this.#framesIn % 2 === 0 ? 0 : 1];
    // An encoder that looks ahead may still hold it.
    checked(this.#av, into.makeWritable(), 'allocate a frame');
    // `fromBuffer` copies nothing and keeps nobody from collecting the bytes.
    this.#reading = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    checked(this.#av, this.#source.fromBuffer(this.#reading), 'take a frame');
    await this.#work(() => this.#scaler.scaleFrame(into, this.#source), 'convert the colours of a frame');
    this.#reading = undefined;
    into.pts = BigInt(this.#framesIn);
    this.#framesIn += 1;
    return into;
  }

  /** Encodes a frame that was converted, in order; one call at a time. */
  async encode(frame: Frame): Promise<Sample[]> {
    await this.#work(() => this.#encoder.sendFrame(frame), 'encode a frame');
    return this.#taken();
  }

  /** What is left in the encoder, which takes no more frames then. */
  async flush(): Promise<Sample[]> {
    await this.#work(() => this.#encoder.sendFrame(null), 'end the encoding');
    return this.#taken();
  }

  free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    letGo(this);
    this.#encoder.freeContext();
    this.#scaler.freeContext();
    this.#packet.free();
    for (const frame of [this.#source, ...this.#converted]) frame.free();
  }

  async #work(call: () => Promise<number>, what: string): Promise<void> {
    this.#atWork += 1;
    try {
      checked(this.#av, await call(), what);
    } finally {
      this.#atWork -= 1;
    }
  }

  #taken(): Sample[] {
    const duration = this.#plan.fps.ticksPerFrame;
    const packets = takenPackets(this.#encoder, this.#packet);
    return Array.from(packets, ({ data, isKey }) => ({ data: toLengthPrefixed(data), duration, isKey }));
  }
}

function unknownPixelFormat(name: string): string {
  return `libav has no pixel format "${name}"; use yuv420p, or another one that "ffmpeg -pix_fmts" lists.`;
}

/** With all its options, not open yet. */
function openedLater(av: Libav, plan: EncodePlan): CodecContext {
  const { lib, constants } = av;
  const { fps } = plan;
  // Typed as one of the names it knew when it was built.
  const codec = lib.Codec.findEncoderByName(plan.codec as FFEncoderCodec);
  if (!codec) {
    throw new FastVideoError('encoder_failed', `libav has no encoder '${plan.codec}'.`, { retryable: false });
  }
  const pixelFormat = lib.avGetPixFmtFromName(plan.pixelFormat);
  if (pixelFormat === constants.AV_PIX_FMT_NONE) {
    throw new FastVideoError('encoder_failed', unknownPixelFormat(plan.pixelFormat), { retryable: false });
  }
  const encoder = new lib.CodecContext();
  encoder.allocContext3(codec);
  encoder.width = plan.width;
  encoder.height = plan.height;
  encoder.pixelFormat = pixelFormat;
  encoder.timeBase = new lib.Rational(fps.den, fps.num);
  encoder.framerate = new lib.Rational(fps.num, fps.den);
  encoder.threadCount = plan.width * plan.height <= oneThreadUpToPixels ? 1 : 0;
  encoder.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
  if (isFullRange(plan)) encoder.colorRange = constants.AVCOL_RANGE_JPEG;
  if (plan.sourceFormat === 'rgb24' && /^(yuv|nv)/.test(plan.pixelFormat)) {
    // swscale turns RGB into YUV with the matrix of BT.601 whatever the size; unsaid, a player guesses another.
    encoder.colorSpace = constants.AVCOL_SPC_SMPTE170M;
    encoder.colorPrimaries = constants.AVCOL_PRI_BT709;
    encoder.colorTrc = constants.AVCOL_TRC_IEC61966_2_1;
  }
  // Not as a dictionary for `open2`, which gives it back: the wrapper would do so again.
  for (const [name, value] of [...plan.codecOptions, ...optionsOf(plan.extraArgs)]) {
    checked(av, encoder.setOption(name, value), `set ${name} to ${value}`);
  }
  return encoder;
}
