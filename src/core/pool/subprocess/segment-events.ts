import { FastVideoError } from '../../base/errors.ts';
import { fromSteeringMessage } from '../../generators/program/request-message.ts';
import type { RunPartWithPayload } from '../../generators/program/run-channel.ts';
import { unpackState } from '../../generators/program/state-blobs.ts';
import { unpackTimeline } from '../../generators/program/timeline-message.ts';
import type { WorkerRun } from '../../generators/program/worker-process.ts';
import type { SegmentEvent, SegmentRun } from '../pool.ts';

/** The run of a worker that encodes, as the pool tells it. */
export function segmentRun({ totalSteps, parts }: WorkerRun): SegmentRun {
  return { totalSteps, events: segmentEvents(parts) };
}

async function* segmentEvents(
  parts: AsyncIterable<RunPartWithPayload>,
): AsyncGenerator<SegmentEvent, void, undefined> {
  for await (const part of parts) yield segmentEvent(part);
}

function segmentEvent({ message, payload }: RunPartWithPayload): SegmentEvent {
  switch (message.type) {
    case 'step':
      return { type: 'step', step: message.step, totalSteps: message.total_steps, stage: message.stage };
    case 'steered':
      return { type: 'steered', ...fromSteeringMessage(message) };
    case 'init':
      return { type: 'init', data: payload, mime: message.mime };
    case 'media': {
      const timeline = unpackTimeline(message.timeline);
      return { type: 'media', data: payload, frames: message.frames, timeline };
    }
    case 'jpeg':
      return {
        type: 'jpeg',
        files: cut(payload, message.sizes),
        timeline: unpackTimeline(message.timeline),
      };
    case 'state':
      return { type: 'state', state: unpackState(message.state, payload) };
    case 'done': {
      if (!message.media) throw wrongOutput('"done" without "media"');
      const { duration_ms: durationMs, timeline } = message.media;
      return {
        type: 'done',
        frames: message.frames,
        durationMs,
        timeline: unpackTimeline(timeline, payload),
        cancelled: message.cancelled,
      };
    }
    case 'audio_format':
    case 'frame':
    case 'audio':
      throw wrongOutput(`"${message.type}"`);
  }
}

function cut(payload: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const files: Uint8Array[] = [];
  let offset = 0;
  for (const size of sizes) {
    files.push(payload.subarray(offset, offset + size));
    offset += size;
  }
  if (offset !== payload.length)
    throw wrongOutput(`${payload.length} bytes of JPEG files, announced ${offset}`);
  return files;
}

function wrongOutput(what: string): FastVideoError {
  return new FastVideoError('worker_failed', `The worker sent ${what}, which does not fit encoded media.`);
}
