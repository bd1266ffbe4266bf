import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { FastVideoError } from '../base/errors.ts';
import type { GenerationRequest } from '../generators/generator.ts';
import type { Stills } from '../media/stills.ts';
import { type Timeline, timelineStart } from '../media/timeline.ts';
import type { Pool, SegmentEvent } from '../pool/pool.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import { readContinuation, writeContinuation } from './continuation.ts';
import type { GrowingFile } from './growing-file.ts';
import { type Job, jobFiles, mediaFile } from './job.ts';
import type { JobFolder } from './job-folder.ts';

export interface JobRunParts {
  readonly pool: Pick<Pool, 'run'>;
  readonly folder: JobFolder;
  /** Names the binding to the worker. */
  readonly bindingId: string;
  readonly media: GrowingFile;
  readonly stills: Pick<Stills, 'convert'>;
  /** Aborts the run. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
}

export interface JobProgress {
  /** Below 100. */
  readonly percent: number;
  /** The last step of the generator; 0 before the first. */
  readonly step: number;
  readonly totalSteps: number;
}

/** What a run adds to its job. */
export type JobResult = Pick<Job, 'frames' | 'init_bytes' | 'continuable'>;

/** Steps of the generator and frames of the media count alike: some models are done once the steps are, others never tell any. */
const mostProgress = 99;

/**
 * Makes a job's media, from its first byte to its last. Throws what the pool throws, the system's error, and
 * `preset_mismatch` for a clip that this server cannot go on from.
 */
export async function runJob(job: Job, parts: JobRunParts): Promise<JobResult> {
  const { folder, media } = parts;
  await media.create();
  const source = job.extends ? await beginWithSource(job.extends, job, parts) : undefined;
  const made = new Media(job, parts, source);
  parts.signal.throwIfAborted();
  const run = await parts.pool.run(
    parts.bindingId,
    {
      generation: generationOf(job, folder, source?.state),
      timeline: source?.timeline ?? timelineStart,
      streamMode: job.kind === 'video' ? 'av_fmp4' : 'legacy_jpeg',
    },
    { cancel: never, abandon: parts.signal },
  );
  for await (const event of run.events) {
    await made.take(event);
    parts.onProgress(made.progress);
  }
  // Of a run that is given up no end is told.
  parts.signal.throwIfAborted();
  if (!made.done || made.bytes === 0) {
    throw new FastVideoError('worker_failed', 'The worker ended the segment without any media.');
  }
  const { continuation } = made;
  if (continuation) await folder.write(job.id, jobFiles.state, writeContinuation(continuation));
  return {
    frames: (job.extends?.frames ?? 0) + made.frames,
    init_bytes: made.initBytes,
    continuable: continuation !== undefined,
  };
}

const never = new AbortController().signal;

interface Source {
  readonly init: Uint8Array;
  readonly state: ContinuationState;
  readonly timeline: Timeline;
}

/** The media of the clip that it goes on from comes first; it was copied when the job was made. */
async function beginWithSource(
  { bytes }: NonNullable<Job['extends']>,
  { id, init_bytes }: Job,
  { folder, media }: JobRunParts,
): Promise<Source> {
  const path = folder.path(id, sourceFile);
  const { state, timeline } = readContinuation(await readFile(folder.path(id, sourceStateFile), 'utf8'));
  for await (const piece of createReadStream(path)) await media.append(piece);
  if (media.bytes !== bytes) {
    throw new FastVideoError('internal_error', 'The clip that this one goes on from is not whole any more.');
  }
  const init: Uint8Array[] = [];
  for await (const piece of createReadStream(path, { end: init_bytes - 1 })) init.push(piece);
  return { init: Buffer.concat(init), state, timeline };
}

/** The names of what a job begins with, in its own folder: the job that made it may go. */
export const sourceFile = 'source.mp4';
export const sourceStateFile = 'source-state.json';

function generationOf({ request, picture, id }: Job, folder: JobFolder, state?: ContinuationState) {
  const generation: GenerationRequest = {
    prompt: request.prompt,
    ...(request.negative_prompt ? { negativePrompt: request.negative_prompt } : {}),
    seed: request.seed,
    width: request.width,
    height: request.height,
    fps: request.fps,
    numFrames: request.num_frames,
    numInferenceSteps: request.num_inference_steps,
    guidanceScale: request.guidance_scale,
    ...(picture === undefined || state ? {} : { initImagePath: folder.path(id, picture) }),
    ...(state ? { continuationState: state } : {}),
  };
  return generation;
}

/** Writes what comes of a run, and knows how far it is. */
class Media {
  readonly #job: Job;
  readonly #parts: JobRunParts;
  readonly #source: Source | undefined;
  #state: ContinuationState | undefined;
  #timeline: Timeline | undefined;
  #step = 0;
  #totalSteps = 0;
  bytes = 0;
  frames = 0;
  initBytes = 0;

  constructor(job: Job, parts: JobRunParts, source: Source | undefined) {
    this.#job = job;
    this.#parts = parts;
    this.#source = source;
  }

  async take(event: SegmentEvent): Promise<void> {
    switch (event.type) {
      case 'step':
        this.#step = event.step;
        this.#totalSteps = event.totalSteps;
        break;
      case 'init':
        await this.#begin(event.data);
        break;
      case 'media':
        await this.#write(event.data, event.frames);
        break;
      case 'jpeg':
        // An image is the first picture of what its model makes at the least.
        if (this.bytes === 0 && event.files[0]) await this.#writeImage(event.files[0]);
        break;
      case 'state':
        this.#state = event.state;
        break;
      case 'done':
        this.#timeline = event.timeline;
        if (event.cancelled) throw new FastVideoError('worker_failed', 'The worker ended the segment early.');
        break;
      case 'steered':
        break;
    }
  }

  get progress(): JobProgress {
    const framesDone = Math.min(1, this.frames / this.#job.request.num_frames);
    const stepsDone = this.#step / Math.max(1, this.#totalSteps);
    const done = this.#job.kind === 'video' ? (stepsDone + framesDone) / 2 : stepsDone;
    const percent = Math.min(mostProgress, Math.floor(done * 100));
    return { percent, step: this.#step, totalSteps: this.#totalSteps };
  }

  /** Whether the run was told to be over. */
  get done(): boolean {
    return this.#timeline !== undefined;
  }

  get continuation() {
    if (this.#job.kind !== 'video' || !this.#state || !this.#timeline) return undefined;
    return { state: this.#state, timeline: this.#timeline };
  }

  async #begin(init: Uint8Array): Promise<void> {
    this.initBytes = init.length;
    if (!this.#source) {
      await this.#parts.media.append(init);
      return;
    }
    // The file has one already, and it must hold for what comes.
    if (Buffer.compare(init, this.#source.init) === 0) return;
    throw new FastVideoError(
      'preset_mismatch',
      'The clip was made with another encoder than this server has now; make it again, then extend it.',
    );
  }

  async #writeImage(jpeg: Uint8Array): Promise<void> {
    const { stills, signal } = this.#parts;
    await this.#write(await stills.convert(jpeg, this.#job.request.format ?? 'jpeg', signal), 1);
  }

  async #write(data: Uint8Array, frames: number): Promise<void> {
    await this.#parts.media.append(data);
    this.bytes += data.length;
    this.frames += frames;
  }
}

/** Where the media of a job lies. */
export function mediaPath(folder: JobFolder, job: Job): string {
  return folder.path(job.id, mediaFile(job));
}
