import type { SessionStatus } from '../src/client/session-status.ts';
import { modelWords } from './model-words.ts';

/** The few words at the top of the page. */
export function phaseWords({ phase, paused, position, queueDepth }: SessionStatus): string {
  switch (phase) {
    case 'idle':
      return 'Ready';
    case 'connecting':
      return 'Connecting';
    case 'queued':
      return `In the queue: ${position} of ${Math.max(position, queueDepth)}`;
    case 'active':
      return paused ? 'Paused' : 'Connected';
    case 'reconnecting':
      return 'Reconnecting';
    case 'ended':
      return 'Session ended';
    case 'disconnected':
      return 'Not connected';
  }
}

/** Which model it is, the pictures that it makes, and what it does not do. */
export function modelNote({ modelId, format }: SessionStatus): string {
  if (modelId === '') return '';
  const pictures = format ? `, ${format.width}×${format.height}, ${format.fps} frames a second` : '';
  return `Model ${modelId}${pictures}. ${modelWords(modelId).makes}`.trim();
}
