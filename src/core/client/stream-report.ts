import { ProgressLine } from '../base/progress-line.ts';
import { queueReasonWords } from '../protocol/queue-reason.ts';
import type { ClientEvent, StreamObserver, StreamProgress } from './client-event.ts';
import { shortPrompt } from './short-prompt.ts';

interface StreamReportOptions {
  readonly json: boolean;
  /** The file of the film; unset: stdout. */
  readonly output?: string | undefined;
}

/**
 * Tells on stderr how far the film is: with `json` every text frame of the server as it came and each event of the
 * client, a line each; else what a person has to know, and on a terminal a line that changes.
 */
export class StreamReport implements StreamObserver {
  readonly #json: boolean;
  readonly #output: string | undefined;
  readonly #progress: ProgressLine | undefined;
  /** Why the session waits for a worker, where no progress line shows it. */
  #waiting: string | undefined;
  #lastLine: string | undefined;

  private constructor({ json, output }: StreamReportOptions, progress: ProgressLine | undefined) {
    this.#json = json;
    this.#output = output;
    this.#progress = progress;
  }

  static async start(options: StreamReportOptions): Promise<StreamReport> {
    return new StreamReport(
      options,
      options.json ? undefined : await ProgressLine.start('Waiting for a prompt'),
    );
  }

  text(text: string): void {
    if (this.#json) this.#line(text);
  }

  event(event: ClientEvent): void {
    if (this.#json) {
      const { event: name, ...fields } = event;
      this.#line(JSON.stringify({ type: 'client_event', event: name, ...fields }));
      return;
    }
    if (event.event === 'film') this.#lastLine = filmLine(event, this.#output);
    const sentence = sentenceOf(event);
    if (sentence !== undefined) this.#line(sentence);
  }

  progress(progress: StreamProgress): void {
    this.#progress?.show(progressLine(progress));
    const waiting = this.#json || this.#progress?.isShown ? undefined : waitingFor(progress);
    if (waiting !== undefined && waiting !== this.#waiting) this.#line(`${waiting}; waiting for a worker.`);
    this.#waiting = waiting;
  }

  done(): void {
    this.#progress?.succeed(this.#lastLine);
  }

  stop(): void {
    this.#progress?.stop();
  }

  #line(text: string): void {
    if (this.#progress) this.#progress.writeAbove(text);
    else process.stderr.write(`${text}\n`);
  }
}

/** What a person is told of an event, if anything. */
function sentenceOf(event: ClientEvent): string | undefined {
  switch (event.event) {
    case 'connection_lost':
      return `${event.why.replace(/^the /, 'The ')}; trying again in ${(event.retry_in_ms / 1000).toFixed(1)} s.`;
    case 'session_ended':
      return event.why === 'not_resumable'
        ? 'The session cannot be resumed; a new one continues from the last state.'
        : undefined;
    case 'segment_failed': {
      const prompt = shortPrompt(event.prompt);
      if (event.next === 'failed') return undefined;
      const then = event.next === 'again' ? 'asked again' : 'skipped';
      return `"${prompt}" was ${then}: ${event.message}`;
    }
    case 'media_missing':
      return `The film has a gap: ${event.missing} of ${event.chunks} pieces of the media of "${shortPrompt(event.prompt)}" did not come.`;
    case 'silent':
      return `The server has sent nothing for ${Math.round(event.seconds)} s; still waiting for it.`;
    default:
      return undefined;
  }
}

function filmLine(
  { segments, seconds, bytes }: Extract<ClientEvent, { event: 'film' }>,
  output: string | undefined,
): string {
  const file = output === undefined ? '' : `, ${output}`;
  return `${counted(segments)}, ${seconds.toFixed(1)} s, ${megabytes(bytes)}${file}`;
}

function counted(segments: number): string {
  return segments === 1 ? '1 segment' : `${segments} segments`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Undefined when no worker is waited for. */
function waitingFor({ phase, position, queueReason }: StreamProgress): string | undefined {
  return phase === 'queued' && position > 0 ? queueReasonWords(queueReason) : undefined;
}

function progressLine(progress: StreamProgress): string {
  const { phase, position, made, isGenerating, step, totalSteps, bytes } = progress;
  const waiting = waitingFor(progress);
  const film = megabytes(bytes);
  if (phase === 'connecting') return 'Connecting';
  if (phase === 'away') return `Waiting for the server, ${counted(made)}, ${film}`;
  if (phase === 'queued')
    return waiting === undefined ? 'A worker is free' : `${waiting}, position ${position}`;
  if (!isGenerating) return `Waiting for the next segment, ${counted(made)}, ${film}`;
  const steps = totalSteps > 0 && step > 0 ? `, step ${step}/${totalSteps}` : '';
  return `Segment ${made + 1}${steps}, ${film}`;
}
