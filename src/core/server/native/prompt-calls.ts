import { clientMessage } from '../../base/client-text.ts';
import type { ErrorAbout } from '../../base/errors.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { PromptPlace } from '../../prompts/provider.ts';
import {
  type Enhancement,
  enhancedFor,
  enhancingBegun,
  enhancingEnded,
  extensionFailed,
  extensionWritten,
  promptReady,
  promptRefused,
  wantsEnhancement,
} from '../../sessions/prompt-steps.ts';
import type { OwnPrompt, SegmentPrompt, Session } from '../../sessions/session.ts';
import type { PromptGate } from '../prompt-gate.ts';
import type { SessionHost } from '../session/dialect.ts';
import { writePrompt } from '../session/model-calls.ts';
import type { PromptCall } from '../session/prompt-calls.ts';
import { promptError } from '../session/prompt-errors.ts';

/** What an error is about that answers a request for a segment. */
export const requestSubject: ErrorAbout = { message: 'segment_prompt_source' };

export type PromptHost = Pick<SessionHost<Session>, 'state' | 'take'>;

export interface PromptParts {
  readonly gate: PromptGate;
  /** Unset: nobody enhances, extends or rewrites. */
  readonly enhancer?: PromptEnhancer;
}

/**
 * What the prompts of a session wait for: each request is looked at by the safety filter and enhanced where the session
 * wants that, while earlier segments are being made, and so is what the server makes next by itself.
 */
export function promptCalls({ waiting, ahead }: Session, host: PromptHost, parts: PromptParts): PromptCall[] {
  const requests = waiting
    .filter(({ ready }) => !ready)
    .map(
      (prompt): PromptCall => ({
        slot: `request ${prompt.id}`,
        key: prompt.id,
        run: (signal) => prepare(prompt, signal, host, parts),
      }),
    );
  return [...requests, ...(ahead && !ahead.ready ? aheadCall(ahead, host, parts) : [])];
}

function aheadCall(ahead: OwnPrompt, host: PromptHost, parts: PromptParts): PromptCall[] {
  const { enhancer } = parts;
  const common = { slot: 'ahead', outlasts: true } as const;
  if (ahead.curatedIndex !== null) {
    return [{ ...common, key: ahead.prompt, run: (signal) => enhance(ahead, signal, host, parts) }];
  }
  const { after = host.state.history } = ahead;
  if (!enhancer) return [];
  return [{ ...common, key: after, run: (signal) => extend(after, signal, host, { ...parts, enhancer }) }];
}

async function prepare(
  prompt: SegmentPrompt,
  signal: AbortSignal,
  host: PromptHost,
  parts: PromptParts,
): Promise<void> {
  const { gate } = parts;
  const objection = gate.open ? undefined : await gate.objection([prompt.prompt], signal).catch(promptError);
  if (signal.aborted) return;
  if (objection) host.take(promptRefused(host.state, prompt.id, objection.concerning(requestSubject)));
  else if (wantsEnhancement(host.state, { canWrite: parts.enhancer !== undefined })) {
    await enhance(prompt, signal, host, parts);
  } else host.take(promptReady(host.state, prompt.id));
}

async function enhance(
  prompt: SegmentPrompt | OwnPrompt,
  signal: AbortSignal,
  host: PromptHost,
  { enhancer, gate }: PromptParts,
): Promise<void> {
  if (!enhancer) {
    host.take(promptReady(host.state, prompt.id));
    return;
  }
  const segmentIdx = enhancedFor(host.state, prompt);
  host.take(enhancingBegun(host.state, prompt));
  const place = placeOf(host.state, prompt, segmentIdx);
  const answer = await writePrompt(() => enhancer.enhance(prompt.prompt, { signal, place }), gate, signal);
  if (signal.aborted) return;
  const { latencyMs } = answer;
  const enhancement: Enhancement =
    answer.kind === 'written'
      ? {
          better: answer.completion.content,
          provider: answer.completion.provider,
          model: answer.completion.model,
          latencyMs,
        }
      : { better: undefined, error: clientMessage(answer.error), latencyMs };
  host.take(enhancingEnded(host.state, prompt, segmentIdx, enhancement));
}

/** The prompts that are made before it, those that wait among them. Clients count segments from 0. */
function placeOf(
  { singleClip, history, waiting }: Session,
  { id }: SegmentPrompt,
  segmentIdx: number,
): PromptPlace {
  if (singleClip) return { kind: 'clip' };
  const place = waiting.findIndex((one) => one.id === id);
  const before = waiting.slice(0, Math.max(0, place)).map(({ prompt }) => prompt);
  return { kind: 'segment', segment: segmentIdx + 1, previous: [...history, ...before] };
}

async function extend(
  after: readonly string[],
  signal: AbortSignal,
  host: PromptHost,
  { enhancer, gate }: Required<PromptParts>,
): Promise<void> {
  const segment = host.state.nextSegmentIdx + 1;
  const answer = await writePrompt(() => enhancer.autoExtend(after, { signal, segment }), gate, signal);
  if (signal.aborted) return;
  host.take(
    answer.kind === 'written'
      ? extensionWritten(host.state, after, answer.completion.content)
      : extensionFailed(
          host.state,
          after,
          promptError(answer.error).concerning({ segment_idx: host.state.nextSegmentIdx }),
        ),
  );
}
