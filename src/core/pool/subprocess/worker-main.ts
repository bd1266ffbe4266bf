/**
 * The worker process: a generator and its encoder, driven by messages on stdin, answering on stdout. Inference blocks
 * this process between two frames and can only be stopped by killing it, hence a process of its own.
 */
import { Socket } from 'node:net';
import { errorMessage, toFastVideoError } from '../../base/errors.ts';
import { capabilitiesOf } from '../../generators/capabilities.ts';
import { MessageStream } from '../../generators/program/message-stream.ts';
import { toSteeringMessage } from '../../generators/program/request-message.ts';
import { joined, unpackRun } from '../../generators/program/run-message.ts';
import { packState } from '../../generators/program/state-blobs.ts';
import { packTimeline } from '../../generators/program/timeline-message.ts';
import { SteeringInbox } from '../../generators/steering.ts';
import {
  type FromWorker,
  type ToWorker,
  ToWorkerSchema,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import type { SegmentEvent } from '../pool.ts';
import { Credit } from './credit.ts';
import { createSegmentWorker, type SegmentWorker } from './segment-worker.ts';

type Message<Type extends ToWorker['type']> = Extract<ToWorker, { type: Type }>;

interface Run {
  readonly id: number;
  readonly cancel: AbortController;
  readonly abandon: AbortController;
  readonly credit: Credit;
  readonly steering: SteeringInbox;
}

let worker: SegmentWorker | undefined;
/** The start that is under way, and what breaks it off. */
let starting: Promise<SegmentWorker> | undefined;
const breakOff = new AbortController();
let windowBytes = 0;
let current: Run | undefined;

// fd 1 as a socket: writes to `process.stdout` of a pipe are synchronous and would block the generator.
const stream = new MessageStream(process.stdin, new Socket({ fd: 1, readable: false, writable: true }), {
  onMessage: ({ header, payload }) => receive(ToWorkerSchema.parse(header), payload),
  onError: (error) => fail(`The pipe to the server broke: ${errorMessage(error)}`),
});
process.stdin.on('end', () => void outliveNobody());
// A server that was killed reads this no more; there is something to be ended before this process may end.
process.stderr.on('error', () => {});
// The server decides when to stop.
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
    case 'adapters':
      void adapt(message);
      return;
    case 'cancel':
      if (current?.id === message.run_id) current.cancel.abort();
      return;
    case 'abandon':
      if (current?.id === message.run_id) current.abandon.abort();
      return;
    case 'steer':
      if (current?.id === message.run_id) {
        current.steering.offer({ prompt: message.prompt, transitionMs: message.transition_ms });
      }
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
    const { type: _, protocol: __, ...settings } = message;
    starting = createSegmentWorker(settings, (how) => void dieWithProgram(how), breakOff.signal);
    worker = await starting;
    windowBytes = message.window_bytes;
    worker.warm(message.usual_request);
    const { encoder } = worker;
    const { modelId, stateKind, streamsFrames, audio } = worker.info;
    const capabilities = capabilitiesOf(worker.info);
    send({
      type: 'ready',
      protocol: workerProtocolVersion,
      model_id: modelId,
      state_kind: stateKind,
      streams_frames: streamsFrames,
      ...capabilities,
      audio: audio && { sample_rate: audio.sampleRate, channels: audio.channels },
      output: 'media',
      ...(encoder === undefined ? {} : { encoder }),
    });
  } catch (error) {
    send({ type: 'start_failed', message: errorMessage(error) });
    await stream.flushed();
    await shutdown();
  }
}

async function adapt({ id, adapters }: Message<'adapters'>): Promise<void> {
  try {
    if (!worker) throw new Error('The worker has not been started.');
    if (current) throw new Error('The worker is busy with a run.');
    await worker.adapt(adapters);
    send({ type: 'adapters_applied', id });
  } catch (error) {
    send({ type: 'adapters_failed', id, message: errorMessage(error) });
  }
}

async function run(message: Message<'run'>, payload: Uint8Array): Promise<void> {
  const run_id = message.run_id;
  const state: Run = {
    id: run_id,
    cancel: new AbortController(),
    abandon: new AbortController(),
    credit: new Credit(windowBytes),
    steering: new SteeringInbox(message.sent?.frames),
  };
  try {
    if (!worker) throw new Error('The worker has not been started.');
    if (current) throw new Error('The worker is busy with another run.');
    current = state;
    const { cancel, abandon, steering } = state;
    const signals = { cancel: cancel.signal, abandon: abandon.signal, steering };
    const { totalSteps, events } = await worker.begin(unpackRun(message, payload), signals);
    send({ type: 'started', run_id, total_steps: totalSteps });
    for await (const event of events) await sendEvent(event, state);
    // An abandoned run ends without `done`; the server waits for a word before it gives the next one.
    if (current === state) throw new Error('The run was abandoned.');
  } catch (error) {
    if (current === state) current = undefined;
    const { code, message: text, retryable } = toFastVideoError(error);
    send({ type: 'failed', run_id, code, message: text, retryable });
  }
}

async function sendEvent(event: SegmentEvent, run: Run): Promise<void> {
  const run_id = run.id;
  switch (event.type) {
    case 'step':
      send({ type: 'step', run_id, step: event.step, total_steps: event.totalSteps, stage: event.stage });
      return;
    case 'steered': {
      const { type: _, ...step } = event;
      send({ type: 'steered', run_id, ...toSteeringMessage(step) });
      return;
    }
    case 'init':
      send({ type: 'init', run_id, mime: event.mime }, event.data);
      return;
    case 'media': {
      await run.credit.take(event.data.length, run.abandon.signal);
      const timeline = packTimeline(event.timeline).header;
      send({ type: 'media', run_id, frames: event.frames, timeline }, event.data);
      return;
    }
    case 'jpeg': {
      const payload = joined(event.files);
      await run.credit.take(payload.length, run.abandon.signal);
      const sizes = event.files.map((file) => file.length);
      send({ type: 'jpeg', run_id, sizes, timeline: packTimeline(event.timeline).header }, payload);
      return;
    }
    case 'state': {
      const { state, blobs } = packState(event.state);
      send({ type: 'state', run_id, state }, joined(blobs));
      return;
    }
    case 'done': {
      const { header, payload: tail } = packTimeline(event.timeline);
      const { frames, durationMs, cancelled } = event;
      current = undefined;
      const media = { duration_ms: durationMs, timeline: header };
      send({ type: 'done', run_id, frames, cancelled, media }, tail);
      return;
    }
  }
}

let stopping = false;
async function shutdown(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await letGo();
  process.exit(0);
}

async function letGo(): Promise<void> {
  current?.abandon.abort();
  breakOff.abort(new Error('The worker was told to end.'));
  try {
    // A program that is still being started would be left behind.
    await (await starting)?.close();
  } catch {
    // It did not start; the server was told why.
  }
}

/** The server has died or cannot be spoken to, and with it who else would end what the program has started. */
async function outliveNobody(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await letGo();
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // This process heads no group.
  }
  process.exit(0);
}

/** Without its program this process can make nothing: the server starts both again. */
async function dieWithProgram(how: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  process.stderr.write(`${how}\n`);
  await stream.flushed();
  process.exit(1);
}

function fail(message: string): void {
  if (stopping) return;
  process.stderr.write(`${message}\n`);
  void outliveNobody();
}
