import type { PromptUpdate } from '../../protocol/prompt-update.ts';
import {
  mostSteps,
  type SteeringWish,
  usualTransitionMs,
  wished,
  wishReady,
  wishRefused,
} from '../../sessions/steering.ts';
import type { PromptGate } from '../prompt-gate.ts';
import type { Effect, SessionHost, SessionState } from './dialect.ts';
import type { PromptCall } from './prompt-calls.ts';
import { invalid, promptError } from './prompt-errors.ts';
import { promptProblem } from './prompt-limits.ts';
import type { StreamParts } from './stream-settings.ts';

/** What an error is about that answers a change of the words. */
const subject = { message: 'prompt_update' } as const;

/** Other words for the running segment. Throws `invalid_message` where it cannot have them. */
export function steer<State extends SessionState>(
  frame: PromptUpdate,
  { worker }: Pick<SessionHost<State>, 'worker'>,
  { settings, gate }: Pick<StreamParts, 'settings' | 'gate'>,
): Effect<State> {
  const problem = promptProblem(frame.prompt, settings);
  if (problem !== undefined) throw invalid(`prompt_update: ${problem}`, subject);
  return (state) => {
    if (worker && !worker.steering) {
      const message = `prompt_update: the model "${worker.modelId}" cannot change a segment that is being made; ask for the next one with the new words.`;
      throw invalid(message, subject);
    }
    const { current, steering } = state;
    const asked = frame.segment_idx ?? current?.segmentIdx;
    if (!current || current.cancelled || asked !== current.segmentIdx) {
      const running = current && !current.cancelled ? `segment ${current.segmentIdx} is` : 'no segment is';
      const named = frame.segment_idx == null ? '' : ` of segment ${frame.segment_idx}`;
      throw invalid(`prompt_update: the words${named} cannot be changed: ${running} being made.`, subject);
    }
    if (steering.path.length >= mostSteps) {
      throw invalid(`prompt_update: the words of a segment can be changed ${mostSteps} times.`, subject);
    }
    const transitionMs = frame.transition_ms ?? usualTransitionMs;
    return { state: wished(state, { prompt: frame.prompt, transitionMs, ready: gate.open }), frames: [] };
  };
}

/** The look of the safety filter that a change waits for. */
export function steeringCalls<State extends SessionState>(
  { steering: { wish } }: State,
  host: Pick<SessionHost<State>, 'state' | 'take'>,
  gate: PromptGate,
): PromptCall[] {
  if (!wish || wish.ready) return [];
  return [{ slot: 'steering', key: wish, run: (signal) => check(wish, signal) }];

  async function check(asked: SteeringWish, signal: AbortSignal): Promise<void> {
    const objection = await gate.objection([asked.prompt], signal).catch(promptError);
    if (signal.aborted) return;
    if (!objection) host.take({ state: wishReady(host.state, asked), frames: [] });
    else host.take({ state: wishRefused(host.state, asked), frames: [objection.concerning(subject)] });
  }
}

/** What a client is told whose change came too late. */
export function steeredTooLate({ current, steering }: SessionState) {
  if (!current || !steering.wish) return undefined;
  const about = { ...subject, segment_idx: current.segmentIdx };
  return invalid(
    `prompt_update: segment ${current.segmentIdx} ended before the new words had effect; ask for the next one with them.`,
    about,
  );
}
