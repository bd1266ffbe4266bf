import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import type { Message } from '../wire/message.ts';

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
 * What of a replica in the project dialect is followed by something more without a word of the client: the next segment, or
 * `prompt_sources_blocked`, `ltx2_stream_complete` and the like, which say that there is none.
 */
const moreFollows = [
  'ltx2_stream_start',
  'ltx2_segment_complete',
  'segment_cancelled',
  'prompt_received',
  'prompt_ready',
  'prompt_sources_resumed',
  'rewrite_seed_prompts_started',
  'seed_prompts_reset_pending',
  'generation_restarted',
];
/** And what is followed by nothing where nothing else was to be done. */
const waitsForClient = [
  'prompt_sources_blocked',
  'prompt_fallback_used',
  'auto_prompt_failed',
  'rewrite_seed_prompts_complete',
  'ltx2_stream_complete',
  'project_idle',
  'error',
];
/** What a client of that dialect says that is answered. */
const asksInProject = [
  'append_prompt',
  'simple_generate',
  'rewrite_seed_prompts',
  'reset_to_seed_prompts',
  'restart_generation',
];

/**
 * Whether a replica that has a session owes its client something: the rest of a segment, one that was asked for in the native
 * dialect, or, in the project dialect, the answer to a prompt and the next segment while there are prompts. Where it cannot be
 * told nothing is owed: an idle session may be silent for as long as it likes.
 */
export class OwedAnswers {
  readonly #isNative: boolean;
  #requests = 0;
  #isPaused = false;
  #inSegment = false;
  /** In the project dialect. */
  #isNextDue = false;

  constructor(dialect: 'native' | 'project') {
    this.#isNative = dialect === 'native';
  }

  get areDue(): boolean {
    return this.#inSegment || ((this.#requests > 0 || this.#isNextDue) && !this.#isPaused);
  }

  /** The client has said something. */
  onClientMessage(message: Message): void {
    const { type, paused } = read(message) ?? {};
    if (type === 'segment_prompt_source' && this.#isNative) this.#requests += 1;
    if (type === 'generation_paused_updated') this.#isPaused = paused ?? this.#isPaused;
    if (!this.#isNative && type !== undefined && asksInProject.includes(type)) this.#isNextDue = true;
  }

  /** The replica has said something. */
  heard(message: Message): void {
    if (message.isBinary) return;
    const { type, paused } = read(message) ?? {};
    if (type === undefined) this.#nothing();
    else if (type === 'ltx2_stream_complete') this.#nothing();
    else if (type === 'ltx2_segment_start' || type === 'error') this.#answered();
    else if (type === 'segment_cancelled' && !this.#inSegment) this.#answered();
    if (type === undefined) return;
    if (!this.#isNative) this.#heardInProject(type, paused);
    if (ofSegment.includes(type)) this.#inSegment = true;
    else if (endsOfSegment.includes(type)) this.#inSegment = false;
  }

  #heardInProject(type: string, paused: boolean | undefined): void {
    // The client is answered what holds, here with the name that it asks with in the native dialect.
    if (type === 'generation_paused_updated') this.#isPaused = paused ?? this.#isPaused;
    if (moreFollows.includes(type)) this.#isNextDue = true;
    else if (waitsForClient.includes(type)) this.#isNextDue = false;
  }

  #answered(): void {
    this.#requests = Math.max(0, this.#requests - 1);
  }

  #nothing(): void {
    this.#requests = 0;
    this.#isNextDue = false;
    this.#inSegment = false;
  }
}

/** Undefined where it cannot be told. */
function read({ data, isBinary }: Message): Telling | undefined {
  if (isBinary || data.length > mostBytes) return undefined;
  return TellingSchema.safeParse(parseJson(data)).data;
}
