import { FastVideoError } from '../../base/errors.ts';
import type { ClientFrame, SessionInitV2 } from '../../protocol/native/client-frames.ts';
import { type Parsed, parseClientFrame } from '../../protocol/native/parse.ts';
import type { SessionOpening } from '../../sessions/session.ts';
import { withoutBlank } from '../../sessions/session.ts';
import type { SessionCheckpoint } from '../../sessions/session-checkpoint.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Characters of a prompt that a model wrote, far more than one says; the safety filter looks at as many. */
const longestWritten = 65_536;

/** A first frame that opens no session; `closeReason` is the reason of the close with 1003. */
export class InvalidOpening extends FastVideoError {
  readonly closeReason: 'invalid_init' | 'expected_session_init_v2';

  constructor(closeReason: InvalidOpening['closeReason'], message: string) {
    super('invalid_message', message, { retryable: false });
    this.closeReason = closeReason;
  }
}

/** Reads the first frame of a connection. Throws {@link InvalidOpening}. */
export function readOpening(text: string | undefined): SessionInitV2 {
  if (text === undefined) {
    throw new InvalidOpening(
      'invalid_init',
      'The first frame is binary; it must be a session_init_v2 text frame.',
    );
  }
  const parsed: Parsed<ClientFrame> = parseClientFrame(text);
  if (!parsed.ok) {
    throw new InvalidOpening(
      'invalid_init',
      `The first frame must be a valid session_init_v2: ${parsed.problem}.`,
    );
  }
  if (parsed.frame.type !== 'session_init_v2') {
    const message = `The first frame must be session_init_v2, not ${parsed.frame.type}.`;
    throw new InvalidOpening('expected_session_init_v2', message);
  }
  return parsed.frame;
}

/** What of the init makes the session. Throws when it asks for what this server does not serve. */
export function checkOpening(
  init: SessionInitV2,
  settings: StreamSettings,
): Omit<SessionOpening, 'id' | 'continuation'> {
  const problem = promptsProblem(init.curated_prompts, settings);
  if (problem !== undefined) throw new InvalidOpening('invalid_init', `session_init_v2: ${problem}`);
  checkPreset(init.preset, settings);
  return {
    ...(init.preset ? { preset: init.preset } : {}),
    streamMode: init.stream_mode ?? settings.streamMode,
    toggles: {
      enhancement: init.enhancement_enabled,
      autoExtension: init.auto_extension_enabled,
      loop: init.loop_generation_enabled,
    },
    singleClip: init.single_clip_mode,
    curatedPrompts: withoutBlank(init.curated_prompts),
  };
}

/** Throws when a session that goes on from a checkpoint asks for what this server does not serve. */
export function checkRestored(
  { preset, curated_prompts, waiting, ahead, current }: SessionCheckpoint,
  settings: StreamSettings,
): void {
  checkPreset(preset, settings);
  const { maxQueuedRequests } = settings;
  const prompts = [...waiting, ...(ahead ? [ahead] : []), ...(current ? [current.prompt] : [])];
  const problem =
    waiting.length > maxQueuedRequests
      ? `${waiting.length} requests are waiting, the limit is ${maxQueuedRequests}.`
      : [
          ...curated_prompts.map((prompt) => promptProblem(prompt, settings)),
          ...prompts.map((prompt) => restoredPromptProblem(prompt, settings)),
        ].find(Boolean);
  if (problem !== undefined) {
    throw new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}`);
  }
}

function restoredPromptProblem(
  { prompt, negative_prompt, ready, source }: SessionCheckpoint['waiting'][number],
  settings: StreamSettings,
): string | undefined {
  // Where a model has written over the words of a user, the source is no longer `user`.
  const byModel = ready && source !== 'user';
  return (
    (byModel ? writtenPromptProblem(prompt, settings) : promptProblem(prompt, settings)) ??
    (negative_prompt ? promptProblem(negative_prompt, settings) : undefined)
  );
}

function checkPreset(preset: string | null | undefined, settings: StreamSettings): void {
  if (settings.preset === undefined || !preset || preset === settings.preset) return;
  const message = `The preset "${preset}" does not fit: this server runs "${settings.preset}".`;
  throw new FastVideoError('preset_mismatch', message);
}

/** What is wrong with a list of curated prompts; undefined when nothing is. */
export function promptsProblem(prompts: readonly string[], settings: StreamSettings): string | undefined {
  const { maxCuratedPrompts } = settings;
  if (prompts.length > maxCuratedPrompts) {
    return `${prompts.length} prompts were given, the limit is ${maxCuratedPrompts}.`;
  }
  return prompts.map((prompt) => promptProblem(prompt, settings)).find((problem) => problem !== undefined);
}

export function promptProblem(
  prompt: string,
  { maxPromptChars }: Pick<StreamSettings, 'maxPromptChars'>,
): string | undefined {
  if (prompt.length <= maxPromptChars) return undefined;
  return `a prompt of ${prompt.length} characters is over the limit of ${maxPromptChars}.`;
}

/** The same for one of a checkpoint that a model may have written: those are not held to the limit for people. */
export function writtenPromptProblem(prompt: string, settings: StreamSettings): string | undefined {
  return promptProblem(prompt, { maxPromptChars: Math.max(settings.maxPromptChars, longestWritten) });
}
