import { boxes } from '../boxes.ts';
import type { Frame } from '../frame-documents.ts';

type Place = 'outside' | 'source' | 'start' | 'init' | 'media' | 'media_complete' | 'step';

/** Which frame of a segment may follow which. */
const order: Readonly<Record<string, readonly Place[]>> = {
  segment_prompt_source: ['outside'],
  ltx2_segment_start: ['source'],
  media_init: ['start'],
  media_segment_complete: ['media'],
  step_complete: ['media_complete'],
  ltx2_segment_complete: ['step'],
};

const places: Readonly<Record<string, Place>> = {
  segment_prompt_source: 'source',
  ltx2_segment_start: 'start',
  media_init: 'init',
  media_segment_complete: 'media_complete',
  step_complete: 'step',
  ltx2_segment_complete: 'outside',
};

/** The rules of a stream of `/ws` that hold whatever a test is about, written from the wire contract. */
export class ProjectRules {
  readonly problems: string[] = [];
  #place: Place = 'outside';
  #first = true;
  #streaming = false;
  #blocked = false;
  #segmentIdx = 0;
  #seeds = 0;
  #chunks = 0;
  #streamIds = new Set<unknown>();
  /** Bodies of all binary frames since the first `media_init`, by segment. */
  readonly media: Buffer[][] = [];

  takeFrame(frame: Frame): void {
    if (this.#first && frame.type !== 'queue_status') this.#problem(`${frame.type} is the first frame`);
    this.#first = false;
    const allowed = order[frame.type];
    if (allowed) this.#takeOfSegment(frame, allowed);
    switch (frame.type) {
      case 'ltx2_stream_start':
        if (this.#place !== 'outside') this.#problem('a stream starts within a segment');
        this.#streaming = true;
        this.#segmentIdx = 0;
        this.#seeds = Number(frame['total_segments']);
        return;
      case 'ltx2_stream_complete':
        if (!this.#streaming) this.#problem('a stream is completed that did not start');
        this.#streaming = false;
        return;
      case 'prompt_sources_blocked':
        if (this.#blocked) this.#problem('prompt_sources_blocked came twice');
        if (frame['segment_idx'] !== this.#segmentIdx + 1)
          this.#problem('prompt_sources_blocked: wrong index');
        this.#blocked = true;
        return;
      case 'prompt_sources_resumed':
        if (!this.#blocked) this.#problem('prompt_sources_resumed came while nothing was blocked');
        this.#blocked = false;
        return;
      case 'project_idle':
        this.#blocked = false;
        return;
      case 'error':
        // A segment that failed is over.
        if (['worker_failed', 'upstream_timeout'].includes(String(frame['code']))) this.#place = 'outside';
        return;
    }
  }

  takeBinary(data: Buffer): void {
    const types = boxes(data).map(({ type }) => type);
    if (this.#place === 'init') {
      if (types.join(' ') !== 'ftyp moov') this.#problem(`an init segment holds ${types.join(' ')}`);
      this.#place = 'media';
      this.#chunks = 0;
      this.media.push([data]);
    } else if (this.#place === 'media') {
      const pairs = types.every((type, index) => type === (index % 2 === 0 ? 'moof' : 'mdat'));
      if (!pairs || types.length % 2 !== 0) this.#problem(`a media segment holds ${types.join(' ')}`);
      this.#chunks += 1;
      this.media.at(-1)?.push(data);
    } else {
      this.#problem(`binary came at ${this.#place}`);
    }
  }

  #takeOfSegment(frame: Frame, allowed: readonly Place[]): void {
    if (!allowed.includes(this.#place)) this.#problem(`${frame.type} came at ${this.#place}`);
    this.#place = places[frame.type] ?? 'outside';
    if (frame.type === 'segment_prompt_source') this.#segmentIdx += 1;
    if (!this.#streaming) this.#problem(`${frame.type} came outside a stream`);
    if (frame.type !== 'step_complete' && frame['segment_idx'] !== this.#segmentIdx) {
      this.#problem(`${frame.type} has index ${frame['segment_idx']}, not ${this.#segmentIdx}`);
    }
    if ('total_segments' in frame && frame['total_segments'] !== Math.max(this.#segmentIdx, this.#seeds)) {
      this.#problem(`${frame.type}: total_segments is ${frame['total_segments']}`);
    }
    if (frame.type === 'media_init') {
      if (this.#streamIds.has(frame['stream_id'])) this.#problem('a stream_id came twice');
      this.#streamIds.add(frame['stream_id']);
    }
    if (frame.type === 'media_segment_complete') {
      if (!this.#streamIds.has(frame['stream_id']))
        this.#problem('media_segment_complete: unknown stream_id');
      if (frame['chunks'] !== this.#chunks) this.#problem(`chunks is not ${this.#chunks}`);
    }
  }

  #problem(text: string): void {
    this.problems.push(text);
  }
}
