import { boxTypes } from './boxes.ts';
import type { Frame } from './frame-documents.ts';
import { runsOf, type Track, tracksOf } from './tracks.ts';

/** Two times that are the same but for how they were rounded. */
const toleranceMs = 0.01;

/** Codes of errors that take the place of `ltx2_segment_complete` when they come in a segment. */
const segmentEnding = ['worker_failed', 'upstream_timeout', 'preset_mismatch'];

interface OpenSegment {
  readonly idx: number;
  readonly totalSteps: number;
  steps: number;
  streamId: string | undefined;
  mime: string;
  tracks: readonly Track[] | undefined;
  chunks: number;
  bytes: number;
  frames: number;
  durationMs: number;
  mediaComplete: boolean;
  /** Whether it comes as JPEG files, with `legacy_jpeg`. */
  jpegs: boolean;
}

/**
 * The order and the sums that the contract asks for, watched over one whole connection. `problems` is empty as long as
 * everything holds.
 */
export class StreamRules {
  readonly problems: string[] = [];
  readonly #ends = new Map<number, number>();
  #phase: 'opening' | 'queued' | 'assigned' | 'active' | 'over' = 'opening';
  #segment: OpenSegment | undefined;
  #nextIdx: number;
  #durationMs: number;
  #fps = Number.NaN;
  readonly #resumed: boolean;

  /** A resumed session goes on at an index and a time of its own. */
  constructor(
    start: { readonly nextIdx: number; readonly durationMs: number } = { nextIdx: 0, durationMs: 0 },
  ) {
    this.#nextIdx = start.nextIdx;
    this.#durationMs = start.durationMs;
    this.#resumed = start.nextIdx > 0;
  }

  /** Where the session would be resumed. */
  get reached(): { readonly nextIdx: number; readonly durationMs: number } {
    return { nextIdx: this.#nextIdx, durationMs: this.#durationMs };
  }

  takeBinary(data: Buffer): void {
    const segment = this.#segment;
    if (segment?.streamId === undefined || segment.mediaComplete) {
      this.#say(
        `a binary frame of ${data.length} bytes came outside of media_init and media_segment_complete`,
      );
      return;
    }
    try {
      if (segment.tracks === undefined) this.#takeInit(segment, data);
      else this.#takeMedia(segment, data);
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  takeFrame(frame: Frame): void {
    if (this.#phase === 'over') this.#say(`${frame.type} came after the last frame`);
    switch (frame.type) {
      case 'queue_status':
        this.#need(this.#phase === 'opening' || this.#phase === 'queued', frame);
        this.#phase = 'queued';
        return;
      case 'gpu_assigned':
        this.#need(this.#phase === 'queued', frame);
        this.#phase = 'assigned';
        return;
      case 'ltx2_stream_start':
        this.#need(this.#phase === 'assigned', frame);
        this.#phase = 'active';
        this.#fps = frame['fps'] as number;
        return;
      case 'ltx2_segment_start':
        this.#need(this.#phase === 'active' && this.#segment === undefined, frame);
        this.#startSegment(frame);
        return;
      case 'step_complete':
      case 'media_init':
      case 'media_segment_complete':
      case 'frame_batch':
      case 'ltx2_segment_complete':
        this.#takeSegmentFrame(frame);
        return;
      case 'segment_cancelled':
        this.#need(this.#segment?.idx === frame['segment_idx'], frame);
        this.#closeSegment();
        return;
      case 'error':
        if (segmentEnding.includes(String(frame.code))) this.#closeSegment();
        return;
      case 'ltx2_stream_complete':
        this.#need(this.#phase === 'active' && this.#segment === undefined, frame);
        this.#phase = 'over';
        return;
      case 'session_timeout':
        this.#phase = 'over';
        return;
    }
  }

  #startSegment(frame: Frame): void {
    const idx = frame['segment_idx'] as number;
    if (idx !== this.#nextIdx) this.#say(`segment ${idx} came where ${this.#nextIdx} was due`);
    this.#nextIdx = idx + 1;
    this.#segment = {
      idx,
      totalSteps: frame['total_steps'] as number,
      steps: 0,
      streamId: undefined,
      mime: '',
      tracks: undefined,
      chunks: 0,
      bytes: 0,
      frames: 0,
      durationMs: 0,
      mediaComplete: false,
      jpegs: false,
    };
  }

  #takeSegmentFrame(frame: Frame): void {
    const segment = this.#segment;
    if (segment === undefined || segment.idx !== frame['segment_idx']) {
      this.#say(`${frame.type} of segment ${String(frame['segment_idx'])} came out of place`);
      return;
    }
    if (frame.type === 'step_complete') {
      const { step, total_steps: total } = frame as Frame & { step: number; total_steps: number };
      if (step <= segment.steps || step > total)
        this.#say(`step ${step} of ${total} came after ${segment.steps}`);
      if (segment.totalSteps > 0 && total !== segment.totalSteps) {
        this.#say(`step_complete says ${total} steps, ltx2_segment_start said ${segment.totalSteps}`);
      }
      segment.steps = step;
    } else if (frame.type === 'frame_batch') {
      this.#takeJpegs(segment, frame as Frame & { frames: string[]; start_frame: number });
    } else if (frame.type === 'media_init') {
      this.#need(segment.streamId === undefined && !segment.jpegs, frame);
      segment.streamId = frame['stream_id'] as string;
      segment.mime = frame['mime'] as string;
    } else if (frame.type === 'media_segment_complete') {
      this.#need(segment.tracks !== undefined && !segment.mediaComplete, frame);
      this.#checkSums(segment, frame);
      segment.mediaComplete = true;
    } else {
      this.#need((segment.mediaComplete || segment.jpegs) && segment.steps > 0, frame);
      if (frame['frames'] !== segment.frames) {
        this.#say(`ltx2_segment_complete says ${String(frame['frames'])} frames, ${segment.frames} came`);
      }
      this.#closeSegment();
    }
  }

  /** Their numbers count within the segment, from 0; no other media comes with them. */
  #takeJpegs(segment: OpenSegment, frame: Frame & { frames: string[]; start_frame: number }): void {
    const { frames, start_frame: first } = frame;
    this.#need(segment.streamId === undefined && frames.length > 0, { ...frame, frames: frames.length });
    if (first !== segment.frames) {
      this.#say(`frame_batch of segment ${segment.idx} starts at ${first}, ${segment.frames} was due`);
    }
    segment.jpegs = true;
    segment.frames += frames.length;
    segment.durationMs += (frames.length * 1000) / this.#fps;
  }

  /** However it ended: what came of it is part of the time line. */
  #closeSegment(): void {
    this.#durationMs += this.#segment?.durationMs ?? 0;
    this.#segment = undefined;
  }

  #checkSums(segment: OpenSegment, frame: Frame): void {
    const expected = {
      stream_id: segment.streamId,
      chunks: segment.chunks,
      bytes: segment.bytes,
      duration_ms: segment.durationMs,
      pts_base_ms: this.#durationMs,
    };
    for (const [field, value] of Object.entries(expected)) {
      const told = frame[field];
      const same =
        typeof value === 'number' && typeof told === 'number'
          ? Math.abs(told - value) <= (field.endsWith('_ms') ? toleranceMs : 0)
          : told === value;
      if (!same)
        this.#say(`media_segment_complete ${field} is ${String(told)}, received was ${String(value)}`);
    }
  }

  #takeInit(segment: OpenSegment, data: Buffer): void {
    const types = boxTypes(data).join(' ');
    if (types !== 'ftyp moov') throw new Error(`the initialization segment holds ${types}, not ftyp moov`);
    segment.tracks = tracksOf(data);
    const promised = [...segment.mime.matchAll(/(avc1|mp4a)\./g)].map(([, codec]) => codec).sort();
    const held = segment.tracks.map(({ codec }) => codec).sort();
    if (promised.join() !== held.join())
      throw new Error(`mime ${segment.mime} is for a moov with ${held.join()}`);
    const avcC = /avc1\.([0-9a-fA-F]{6})/.exec(segment.mime)?.[1]?.toLowerCase();
    const at = data.indexOf('avcC', 0, 'latin1');
    const real = data.toString('hex', at + 5, at + 8);
    if (avcC !== real) throw new Error(`mime says avc1.${avcC}, the avcC box says ${real}`);
  }

  #takeMedia(segment: OpenSegment, data: Buffer): void {
    const tracks = segment.tracks ?? [];
    segment.chunks += 1;
    segment.bytes += data.length;
    for (const { trackId, start, duration, samples } of runsOf(data, tracks)) {
      const due = this.#ends.get(trackId) ?? (this.#resumed ? start : 0);
      if (start !== due) {
        const where = `segment ${segment.idx} chunk ${segment.chunks}`;
        this.#say(`tfdt of track ${trackId} is ${start} in ${where}, the last fragment ended at ${due}`);
      }
      this.#ends.set(trackId, start + duration);
      const track = tracks.find(({ id }) => id === trackId);
      if (track?.kind === 'video') {
        segment.frames += samples;
        segment.durationMs += (duration * 1000) / track.timescale;
      }
    }
  }

  #need(holds: boolean, frame: Frame): void {
    if (!holds) this.#say(`${JSON.stringify(frame)} came out of place (${this.#phase})`);
  }

  #say(problem: string): void {
    this.problems.push(problem);
  }
}
