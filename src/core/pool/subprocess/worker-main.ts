/**
 * The worker process: a generator and its encoder, driven by messages on stdin, answering on stdout. Inference blocks
 * this process between two frames and can only be stopped by killing it, hence a process of its own.
 */
import { Socket } from 'node:net';
import { errorMessage, toFastVideoError } from '../../base/errors.ts';
import { createGenerator } from '../../generators/create-generator.ts';
import { createFfmpegEncoder } from '../../media/ffmpeg/ffmpeg-encoder.ts';
import {
  type FromWorker,
  type ToWorker,
  ToWorkerSchema,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import { SegmentMaker } from '../segment-maker.ts';
import { Credit } from './credit.ts';
import { encoderSettings } from './encoder-settings.ts';
import { MessageStream } from './message-stream.ts';
import { fromRequestMessage } from './request-message.ts';
import { packTimeline, unpackTimeline } from './timeline-message.ts';

type Message<Type extends ToWorker['type']> = Extract<ToWorker, { type: Type }>;

interface Run {
  readonly id: number;
  readonly cancel: AbortController;
  readonly abandon: AbortController;
  readonly credit: Credit;
}

let maker: SegmentMaker | undefined;
let windowBytes = 0;
let current: Run | undefined;
let closeParts = async (): Promise<void> => {};

// fd 1 as a socket: writes to `process.stdout` of a pipe are synchronous and would block the generator.
const stream = new MessageStream(process.stdin, new Socket({ fd: 1, readable: false, writable: true }), {
  onMessage: ({ header, payload }) => receive(ToWorkerSchema.parse(header), payload),
  onError: (error) => fail(`The pipe to the server broke: ${errorMessage(error)}`),
});
process.stdin.on('end', () => void shutdown());
// The server decides when to stop; a Ctrl-C in the terminal reaches every process of the group.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

function send(message: FromWorker, payload?: Uint8Array): void {
  stream.send(message, payload);
}

function receive(message: ToWorker, payload: Uint8Array): void {
  switch (message.type) {
    case 'start':
      void start(message);
      return;
    case 'run':
      void run(message, payload);
      return;
    case 'cancel':
      if (current?.id === message.run_id) current.cancel.abort();
      return;
    case 'abandon':
      if (current?.id === message.run_id) current.abandon.abort();
      return;
    case 'ack':
      if (current?.id === message.run_id) current.credit.acknowledge(message.bytes);
      return;
    case 'ping':
      send({ type: 'pong', id: message.id });
      return;
    case 'shutdown':
      void shutdown();
      return;
  }
}

async function start(message: Message<'start'>): Promise<void> {
  try {
    if (message.protocol !== workerProtocolVersion) {
      throw new Error(
        `The server speaks worker protocol ${message.protocol}, this worker ${workerProtocolVersion}.`,
      );
    }
    const { model_path: modelPath, backend, mock } = message.generator;
    const generator = await createGenerator({
      modelPath,
      ...(backend === undefined ? {} : { backend }),
      ...(mock === undefined ? {} : { mock: { sleepMs: mock.sleep_ms, audio: mock.audio } }),
    });
    const ffmpegPath = message.encoder.ffmpeg_path;
    const encoder = createFfmpegEncoder(ffmpegPath === undefined ? {} : { ffmpegPath });
    closeParts = async () => {
      await encoder.close();
      await generator.close();
    };
    windowBytes = message.window_bytes;
    maker = new SegmentMaker(generator, encoder, encoderSettings(message.encoder));
    maker.warm(message.usual_request);
    const { modelId, stateKind, streamsFrames, audio } = generator.info;
    send({
      type: 'ready',
      protocol: workerProtocolVersion,
      model_id: modelId,
      state_kind: stateKind,
      streams_frames: streamsFrames,
      audio: audio && { sample_rate: audio.sampleRate, channels: audio.channels },
    });
  } catch (error) {
    send({ type: 'start_failed', message: errorMessage(error) });
    await stream.flushed();
    await shutdown();
  }
}

async function run(message: Message<'run'>, payload: Uint8Array): Promise<void> {
  const run_id = message.run_id;
  const state: Run = {
    id: run_id,
    cancel: new AbortController(),
    abandon: new AbortController(),
    credit: new Credit(windowBytes),
  };
  try {
    if (!maker) throw new Error('The worker has not been started.');
    if (current) throw new Error('The worker is busy with another run.');
    current = state;
    const generation = fromRequestMessage(message.request);
    const timeline = unpackTimeline(message.timeline, payload);
    send({ type: 'started', run_id, total_steps: maker.totalSteps(generation) });
    const signals = { cancel: state.cancel.signal, abandon: state.abandon.signal };
    for await (const event of maker.make({ generation, timeline }, signals)) {
      switch (event.type) {
        case 'step':
          send({ type: 'step', run_id, step: event.step, total_steps: event.totalSteps, stage: event.stage });
          break;
        case 'init':
          send({ type: 'init', run_id, mime: event.mime }, event.data);
          break;
        case 'media':
          await state.credit.take(event.data.length, state.abandon.signal);
          send(
            { type: 'media', run_id, frames: event.frames, timeline: packTimeline(event.timeline).header },
            event.data,
          );
          break;
        case 'state':
          send({ type: 'state', run_id, state: event.state });
          break;
        case 'done': {
          const { header, payload: tail } = packTimeline(event.timeline);
          const { frames, durationMs, cancelled } = event;
          current = undefined;
          send({ type: 'done', run_id, frames, duration_ms: durationMs, timeline: header, cancelled }, tail);
          break;
        }
      }
    }
    // An abandoned run ends without `done`; the server waits for a word before it gives the next one.
    if (current === state) throw new Error('The run was abandoned.');
  } catch (error) {
    if (current === state) current = undefined;
    const { code, message: text, retryable } = toFastVideoError(error);
    send({ type: 'failed', run_id, code, message: text, retryable });
  }
}

let stopping = false;
async function shutdown(): Promise<void> {
  if (stopping) return;
  stopping = true;
  current?.abandon.abort();
  await closeParts();
  process.exit(0);
}

function fail(message: string): void {
  if (stopping) return;
  process.stderr.write(`${message}\n`);
  void shutdown();
}
