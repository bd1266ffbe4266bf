/** The built-in test pattern as a program behind the worker protocol: raw frames and sound, states as JSON. */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { tsImport } from 'tsx/esm/api';
import { Run, receive, send } from './protocol.mjs';

const { createMockGenerator } = await tsImport(
  '../../../src/core/generators/mock/mock-generator.ts',
  import.meta.url,
);
const generator = createMockGenerator();
let window = 1;
let current;

async function make(run, { request }) {
  const run_id = run.id;
  const stopped = new AbortController();
  const events = generator.generate(
    {
      prompt: request.prompt,
      seed: request.seed,
      width: request.width,
      height: request.height,
      // JSON has no NaN.
      fps: request.fps ?? Number.NaN,
      numFrames: request.num_frames,
      numInferenceSteps: request.num_inference_steps,
      guidanceScale: request.guidance_scale,
      ...(request.continuation_state ? { continuationState: request.continuation_state } : {}),
    },
    stopped.signal,
  );
  let frames = 0;
  try {
    send({
      type: 'started',
      run_id,
      total_steps: generator.totalSteps({ numInferenceSteps: request.num_inference_steps }),
    });
    for (;;) {
      // The next picture is drawn when it may leave: then a cancel finds no picture that has to be thrown away.
      if (!(await run.room(1))) stopped.abort();
      const { done, value } = await events.next();
      if (done || run.asked === 'abandon') break;
      if (value.type === 'frame') {
        frames += 1;
        run.sendMedia({ type: 'frame' }, Buffer.from(value.data));
      } else if (value.type === 'audio') {
        const { buffer, byteOffset, byteLength } = value.samples;
        run.sendMedia({ type: 'audio' }, Buffer.from(buffer, byteOffset, byteLength));
      } else if (value.type === 'step') {
        send({ type: 'step', run_id, step: value.step, total_steps: value.totalSteps, stage: value.stage });
      } else if (value.type === 'state') {
        send({ type: 'state', run_id, state: value.state });
      }
    }
    if (run.asked === 'abandon') throw new Error('abandoned');
    send({ type: 'done', run_id, frames, cancelled: run.asked === 'cancel' });
  } catch (error) {
    const { code = 'generator_failed', message, retryable = false } = error;
    send({ type: 'failed', run_id, code, message, retryable });
  }
}

receive(
  (message) => {
    if (message.type === 'start') {
      window = message.window_bytes;
      const { modelId, stateKind, streamsFrames, audio } = generator.info;
      send({
        type: 'ready',
        protocol: 1,
        model_id: modelId,
        state_kind: stateKind,
        streams_frames: streamsFrames,
        audio: { sample_rate: audio.sampleRate, channels: audio.channels },
        output: 'frames',
      });
    } else if (message.type === 'run') {
      current = new Run(message.run_id, window);
      void make(current, message);
    } else if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else if (message.type === 'shutdown') process.exit(0);
    else if (message.run_id === current?.id) {
      if (message.type === 'ack') current.acknowledge(message.bytes);
      else current.ask(message.type);
    }
  },
  () => process.exit(0),
);
