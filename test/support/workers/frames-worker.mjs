/**
 * A worker of raw frames for the tests: colour bars and a tone. Arguments choose what goes wrong with the process,
 * words of the prompt what goes wrong with a run:
 *
 * | argument | the program |
 * |---|---|
 * | `never-ready` | says nothing at all |
 * | `wrong-protocol` | speaks version 2 |
 * | `exits` | writes a line to stderr and exits with 3 |
 * | `refuses` | answers `start_failed` |
 * | `garbage` | writes text to stdout |
 * | `nonsense` | writes a message of a type that there is not |
 * | `deaf` | answers no ping |
 * | `stays` | ignores `shutdown` and the end of stdin |
 * | `forks` | starts a process that sleeps |
 * | `mutters` | writes each new prompt of a run to stderr |
 * | `steers` | changes the prompt of a run: the top 8 rows have a colour of the words |
 * | `limited` | takes sizes that are multiples of 16, 99 frames at most and no seed below 0 |
 * | `pictured` | makes videos from a picture and goes on from the last frame; a run without a picture or a state fails |
 *
 * | word | the run |
 * |---|---|
 * | `dies` | ends the process after 3 frames |
 * | `fails` | ends in `failed`, which may be tried again |
 * | `small` | gives a frame that is too small |
 * | `half` | gives sound of half a sample |
 * | `prints` | writes text to stdout after 3 frames |
 * | `encoded` | sends `init` |
 * | `stubborn` | goes on although it was told to end, without a frame |
 * | `silent` | has no sound |
 * | `steps` | takes a step for each frame, whatever was asked for |
 * | `blob` | sends a state whose blob lies outside of the payload |
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { Run, receive, send } from './protocol.mjs';

const kind = 'test.bars.v1';
const sampleRate = 48_000;
const modes = new Set(process.argv.slice(2));
let window = 1;
let current;
/** The newest change of the prompt that the run has not shown yet. */
let change;

/** Bytes of every value, so many that no JSON should carry them; others for each place in the film. */
function blobAt(frame) {
  return Buffer.from(Uint8Array.from({ length: 70_001 }, (_, index) => (index * 7 + frame * 13) % 256));
}

/** Longer than 16 KiB, with characters of one to four bytes, and a byte order mark in front. */
function textAt(frame) {
  return `\uFEFF${`frame ${frame} é 漢 \u{1F98A} "\\ \n`.repeat(1500)}`;
}

/** The large members lie in the payload; small ones stay in the JSON. */
function stateAt(frame, takenDigest) {
  const blobs = [blobAt(frame), Buffer.from(textAt(frame)), Buffer.alloc(0)];
  let offset = 0;
  const places = blobs.map((blob, index) => {
    const encoding = index === 1 ? 'utf8' : 'binary';
    const place = { $blob: { offset, length: blob.length, encoding } };
    offset += blob.length;
    return place;
  });
  const payload = {
    next_frame: frame,
    taken: takenDigest,
    small: 'é',
    deep: [{ latents: places[0] }, places[1]],
    empty: places[2],
  };
  return [{ kind, payload }, Buffer.concat(blobs)];
}

function unpack(place, bytes) {
  if (typeof place === 'string') return Buffer.from(place);
  const { offset, length } = place.$blob;
  return bytes.subarray(offset, offset + length);
}

/** The digest of the large members of a state that came; throws when a byte of them differs from what was sent. */
function takeState({ payload }, bytes) {
  const latents = unpack(payload.deep[0].latents, bytes);
  const text = unpack(payload.deep[1], bytes);
  const whole =
    payload.small === 'é' &&
    payload.deep[0].latents.$blob.encoding === 'binary' &&
    latents.equals(blobAt(payload.next_frame)) &&
    text.equals(Buffer.from(textAt(payload.next_frame))) &&
    unpack(payload.empty, bytes).length === 0;
  if (!whole) throw new Error('The state is not what this worker sent.');
  return createHash('sha256').update(latents).update(text).digest('hex');
}

/** Eight bars of the usual colours that move to the left by one bar a frame. */
function bars({ width, height }, frame) {
  const row = Buffer.alloc(width * 3);
  for (let x = 0; x < width; x += 1) {
    const bar = 7 - ((Math.floor((x * 8) / width) + frame) % 8);
    row.set([bar & 2 ? 220 : 20, bar & 4 ? 220 : 20, bar & 1 ? 220 : 20], x * 3);
  }
  return Buffer.concat(Array(height).fill(row));
}

/** The picture with the first 8 rows in the colour that the words have. */
function signed(picture, { width }, prompt) {
  const color = createHash('sha256').update(prompt).digest().subarray(0, 3);
  for (let at = 0; at < width * 8 * 3; at += 3) picture.set(color, at);
  return picture;
}

/** What a frame is the first to show: a change that was told before, or a new one. */
function steered(run, path, frame) {
  const step = path.find(({ at_frame }) => at_frame === frame);
  if (step) return step.prompt;
  if (!change || frame < change.not_before_frame || path.some(({ at_frame }) => at_frame > frame))
    return undefined;
  const { prompt, transition_ms } = change;
  change = undefined;
  send({ type: 'steered', run_id: run.id, at_frame: frame, prompt, transition_ms });
  return prompt;
}

function tone(from, to) {
  const samples = new Float32Array(to - from);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = Math.sin(((from + index) * 2 * Math.PI * 440) / sampleRate) / 4;
  }
  return Buffer.from(samples.buffer);
}

async function make(run, request, payload) {
  const run_id = run.id;
  const words = new Set(request.prompt.split(/\W+/));
  const fail = (code, message, retryable) => send({ type: 'failed', run_id, code, message, retryable });
  const { fps, num_frames: frames, continuation_state: before } = request;
  const total_steps = words.has('steps') ? frames : request.num_inference_steps;
  let position = 0;
  let taken = null;
  if (before) {
    try {
      taken = takeState(before, payload);
      position = before.payload.next_frame;
    } catch (error) {
      fail('preset_mismatch', error.message, false);
      return;
    }
  }
  if (modes.has('pictured') && !before && !existsSync(request.init_image_path ?? '')) {
    fail('generator_failed', 'There is no picture to start from.', false);
    return;
  }
  if (words.has('fails')) {
    fail('generator_failed', 'The bars are out of colour.', true);
    return;
  }
  send({ type: 'started', run_id, total_steps });
  if (words.has('stubborn')) return;
  if (words.has('encoded')) send({ type: 'init', run_id, mime: 'video/mp4' }, Buffer.alloc(8));
  const audio = words.has('silent') ? null : { sample_rate: sampleRate, channels: 1 };
  send({ type: 'audio_format', run_id, audio });
  let given = 0;
  let wordsNow;
  for (; given < frames; given += 1) {
    wordsNow = steered(run, request.steering ?? [], given) ?? wordsNow;
    const picture = bars(request, position);
    if (wordsNow !== undefined) signed(picture, request, wordsNow);
    if (!(await run.room(picture.length))) break;
    run.sendMedia({ type: 'frame' }, words.has('small') ? picture.subarray(3) : picture);
    const at = (frame) => Math.round((frame * sampleRate) / fps);
    const sound = audio ? tone(at(position), at(position + 1)) : Buffer.alloc(0);
    position += 1;
    if (sound.length > 0) {
      await run.room(sound.length);
      run.sendMedia({ type: 'audio' }, words.has('half') ? sound.subarray(2) : sound);
    }
    const step = Math.floor(((given + 1) * total_steps) / frames);
    if (step > Math.floor((given * total_steps) / frames)) {
      send({ type: 'step', run_id, step, total_steps, stage: 'draw' });
    }
    if (given === 2 && words.has('prints')) process.stdout.write('Loading checkpoint shards: 100%\n');
    if (given === 2 && words.has('dies')) {
      process.stderr.write('CUDA error: an illegal memory access\n', () => process.exit(7));
      return;
    }
  }
  if (run.asked === 'abandon') {
    fail('generator_failed', 'abandoned', false);
    return;
  }
  if (words.has('blob')) {
    const outside = { $blob: { offset: 10, length: 10, encoding: 'binary' } };
    send({ type: 'state', run_id, state: { kind, payload: { outside } } }, Buffer.alloc(15));
  } else {
    const [state, blobs] = stateAt(position, taken);
    send({ type: 'state', run_id, state }, blobs);
  }
  send({ type: 'done', run_id, frames: given, cancelled: given < frames });
}

function start(message) {
  window = message.window_bytes;
  if (modes.has('never-ready')) return;
  if (modes.has('refuses')) {
    send({ type: 'start_failed', message: 'There is no paint; buy some.' });
    return;
  }
  if (modes.has('nonsense')) send({ type: 'hello', from: 'a worker\nof two lines' });
  send({
    type: 'ready',
    protocol: modes.has('wrong-protocol') ? 2 : 1,
    model_id: 'colour bars',
    state_kind: kind,
    streams_frames: true,
    audio: null,
    output: 'frames',
    ...(modes.has('steers') ? { steering: true } : {}),
    ...(modes.has('pictured')
      ? { pictures: ['first_frame'], needs_first_frame: true, continuation: 'last_frame', sound: true }
      : {}),
    ...(modes.has('limited') ? { limits: { size_multiple: 16, max_frames: 99, min_seed: 0 } } : {}),
  });
}

function end() {
  if (!modes.has('stays')) process.exit(0);
}

if (modes.has('exits')) {
  process.stderr.write('No GPU is free on this machine\n', () => process.exit(3));
} else {
  // What keeps a stubborn one alive.
  setInterval(() => {}, 60_000);
  process.on('SIGTERM', () => {});
  if (modes.has('forks'))
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  if (modes.has('garbage')) process.stdout.write('Fetching 12 files: 100%\n');
  receive((message, payload) => {
    if (message.type === 'start') start(message);
    else if (message.type === 'run') {
      const { run_id, request } = message;
      current = new Run(run_id, window);
      change = undefined;
      const tailBytes = message.timeline.audio?.tail_bytes ?? 0;
      // The offsets of the blobs count from the start of the payload, the tail included.
      if (tailBytes > payload.length) throw new Error('The tail is longer than the payload.');
      void make(current, request, payload);
    } else if (message.type === 'ping') {
      if (!modes.has('deaf')) send({ type: 'pong', id: message.id });
    } else if (message.type === 'shutdown') end();
    else if (message.run_id === current?.id) {
      if (message.type === 'ack') current.acknowledge(message.bytes);
      else if (message.type === 'steer') {
        change = message;
        if (modes.has('mutters')) process.stderr.write(`now: ${message.prompt}\n`);
      } else current.ask(message.type);
    }
  }, end);
}
