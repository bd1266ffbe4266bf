// The least that encoding a segment can take with this library: colour conversion, x264 and AAC in a loop, no server, no
// container. Encodes the segment once for each line on stdin and answers with what that took; reading is not counted.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AVPixelFormat, FFAudioEncoder, FFVideoEncoder } from 'node-av/constants';
import * as constants from 'node-av/constants';
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';

const [framesPath = '', soundPath = ''] = process.argv.slice(2);
const [width = 0, height = 0, fps = 0, sampleRate = 0, channels = 0] = process.argv.slice(4).map(Number);
const frameBytes = width * height * 3;
const samplesInFrame = 1024;
const { AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, AV_SAMPLE_FMT_FLTP } = constants;

Log.setLevel(constants.AV_LOG_QUIET);

function checked(result: number): void {
  if (result < 0) throw new Error(`libav answered ${result}.`);
}

function opened(name: FFVideoEncoder | FFAudioEncoder, set: (encoder: CodecContext) => void): CodecContext {
  const encoder = new CodecContext();
  encoder.allocContext3(Codec.findEncoderByName(name));
  set(encoder);
  checked(encoder.open2Sync());
  return encoder;
}

function pictureFrame(format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  checked(frame.getBuffer());
  return frame;
}

/** Planar blocks of the segment's sound, as AAC takes them. */
function soundBlocks(): Buffer[] {
  const bytes = readFileSync(soundPath);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const blocks = [];
  for (let at = 0; at < samples.length; at += samplesInFrame * channels) {
    const part = samples.subarray(at, at + samplesInFrame * channels);
    const count = part.length / channels;
    blocks.push(
      Buffer.from(
        Float32Array.from(part, (_, i) => part[(i % count) * channels + Math.floor(i / count)] ?? 0).buffer,
      ),
    );
  }
  return blocks;
}

/** Wall and processor time of what is given to `run`. */
class Meter {
  wallMs = 0;
  cpuMs = 0;

  run<Result>(work: () => Result): Result {
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const result = work();
    this.wallMs += performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    this.cpuMs += (user + system) / 1000;
    return result;
  }
}

const blocks = soundBlocks();
const rgb = pictureFrame(AV_PIX_FMT_RGB24);
const yuv = pictureFrame(AV_PIX_FMT_YUV420P);
const raw = Buffer.alloc(frameBytes);
const packet = new Packet();
packet.alloc();

function encode(encoder: CodecContext, frame: Frame | null): void {
  checked(encoder.sendFrameSync(frame));
  while (encoder.receivePacketSync(packet) >= 0) packet.unref();
}

function openX264(): CodecContext {
  return opened(constants.FF_ENCODER_LIBX264, (encoder) => {
    encoder.width = width;
    encoder.height = height;
    encoder.pixelFormat = AV_PIX_FMT_YUV420P;
    encoder.timeBase = new Rational(1, fps);
    encoder.framerate = new Rational(fps, 1);
    encoder.gopSize = fps;
    // As many threads as our encoder takes: more of them cost processor time.
    encoder.threadCount = width * height <= 640 * 480 ? 1 : 0;
    checked(encoder.setOption('preset', 'ultrafast'));
    checked(encoder.setOption('tune', 'zerolatency'));
  });
}

function openAac(): CodecContext {
  return opened(constants.FF_ENCODER_AAC, (encoder) => {
    encoder.sampleFormat = AV_SAMPLE_FMT_FLTP;
    encoder.sampleRate = sampleRate;
    encoder.channelLayout = avChannelLayoutDefault(channels);
    encoder.bitRate = BigInt(64_000 * channels);
    encoder.timeBase = new Rational(1, sampleRate);
    checked(encoder.setOption('aac_coder', 'fast'));
  });
}

function segment(): Meter {
  const meter = new Meter();
  const x264 = meter.run(openX264);
  const aac = meter.run(openAac);
  const scaler = new SoftwareScaleContext();
  scaler.getContext(
    width,
    height,
    AV_PIX_FMT_RGB24,
    width,
    height,
    AV_PIX_FMT_YUV420P,
    constants.SWS_BICUBIC,
  );
  const file = openSync(framesPath, 'r');
  let frames = 0;
  for (; readSync(file, raw, 0, frameBytes, null) === frameBytes; frames += 1) {
    meter.run(() => {
      checked(rgb.fromBuffer(raw));
      checked(scaler.scaleFrameSync(yuv, rgb));
      yuv.pts = BigInt(frames);
      encode(x264, yuv);
    });
  }
  closeSync(file);
  meter.run(() => {
    encode(x264, null);
    for (const [index, block] of blocks.entries()) {
      const frame = Frame.fromAudioBuffer(block, {
        nbSamples: block.length / 4 / channels,
        format: AV_SAMPLE_FMT_FLTP,
        sampleRate,
        channelLayout: avChannelLayoutDefault(channels),
        pts: BigInt(index * samplesInFrame),
      });
      encode(aac, frame);
      frame.free();
    }
    encode(aac, null);
  });
  for (const context of [x264, aac, scaler]) context.freeContext();
  return meter;
}

for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(segment()));
}
for (const held of [rgb, yuv, packet]) held.free();
