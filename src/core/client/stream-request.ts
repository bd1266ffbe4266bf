import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { EncodedImage } from '../protocol/initial-image.ts';
import type { StreamObserver } from './client-event.ts';
import type { WriteFilm } from './film/film.ts';
import type { ConnectionTarget } from './stream-sockets.ts';

/** What is asked for. */
export interface StreamRequest {
  readonly target: ConnectionTarget;
  readonly preset: string | undefined;
  readonly negativePrompt: string | undefined;
  readonly seed: number | undefined;
  readonly enhance: boolean;
  readonly loop: boolean;
  readonly autoExtend: boolean;
  readonly singleClip: boolean;
  /** Media comes no faster than it plays. */
  readonly realtime: boolean;
  readonly segments: number | undefined;
  readonly image: EncodedImage | undefined;
  readonly state: ContinuationState | undefined;
  /** Whether the state after the last segment is wanted. */
  readonly wantState: boolean;
  readonly onError: 'fail' | 'skip';
  readonly reconnectMs: number;
  /** How long the server may owe something and send nothing before that is told; default 30 s. */
  readonly silenceMs?: number;
}

/** Whether the server goes on by itself; then all prompts are given at the opening. */
export function goesOnByItself({ loop, autoExtend }: Pick<StreamRequest, 'loop' | 'autoExtend'>): boolean {
  return loop || autoExtend;
}

export interface StreamFilmParts {
  /** One segment each. With `loop` or `autoExtend` all are read before anything is made. */
  readonly prompts: AsyncIterator<string> | Iterator<string>;
  readonly write: WriteFilm;
  readonly observer: StreamObserver;
  /** Ends the film where it is; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Called with each state that is known, the last one last. */
  readonly onState: (state: ContinuationState) => void;
}
