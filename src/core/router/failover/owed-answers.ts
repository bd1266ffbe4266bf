import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import type { Message } from '../relay/message.ts';

/** What of a message tells whether an answer is owed. */
const TellingSchema = z.looseObject({ type: z.string(), paused: z.boolean().optional() });
type Telling = z.output<typeof TellingSchema>;

/** A message that is longer is none of those that tell. */
const mostBytes = 64 * 1024;

const ofSegment = ['ltx2_segment_start', 'step_complete', 'media_init'];
const endsOfSegment = [
  'ltx2_segment_complete',
  'segment_cancelled',
  'ltx2_stream_start',
  'ltx2_stream_complete',
  'error',
];

/**
 * Whether a replica that has a session owes its client something: the rest of a segment, or one that was asked for in the
 * native dialect. Where it cannot be told nothing is owed: an idle session may be silent for as long as it likes.
 */
export class OwedAnswers {
  readonly #isNative: boolean;
  #requests = 0;
  #isPaused = false;
  #inSegment = false;

  constructor(dialect: 'native' | 'project') {
    this.#isNative = dialect === 'native';
  }

  get areDue(): boolean {
    return this.#inSegment || (this.#requests > 0 && !this.#isPaused);
  }

  /** The client has said something. */
  onClientMessage(message: Message): void {
    const { type, paused } = read(message) ?? {};
    if (type === 'segment_prompt_source' && this.#isNative) this.#requests += 1;
    if (type === 'generation_paused_updated') this.#isPaused = paused ?? this.#isPaused;
  }

  /** The replica has said something. */
  heard(message: Message): void {
    if (message.isBinary) return;
    const { type } = read(message) ?? {};
    if (type === undefined) this.#nothing();
    else if (type === 'ltx2_stream_complete') this.#nothing();
    else if (type === 'ltx2_segment_start' || type === 'error') this.#answered();
    else if (type === 'segment_cancelled' && !this.#inSegment) this.#answered();
    if (type === undefined) return;
    if (ofSegment.includes(type)) this.#inSegment = true;
    else if (endsOfSegment.includes(type)) this.#inSegment = false;
  }

  #answered(): void {
    this.#requests = Math.max(0, this.#requests - 1);
  }

  #nothing(): void {
    this.#requests = 0;
    this.#inSegment = false;
  }
}

/** Undefined where it cannot be told. */
function read({ data, isBinary }: Message): Telling | undefined {
  if (isBinary || data.length > mostBytes) return undefined;
  return TellingSchema.safeParse(parseJson(data)).data;
}
