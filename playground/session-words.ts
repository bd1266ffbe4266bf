import type { SessionStatus } from '../src/client/session-status.ts';

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

/** What the built-in generators cannot do, said plainly; empty for a real model. */
export function modelNote(modelId: string): string {
  if (modelId.startsWith('builtin:')) {
    return `Model ${modelId}: this built-in network draws abstract pictures in colours chosen by the words. It does not depict the prompt.`;
  }
  if (modelId.startsWith('mock')) {
    return `Model ${modelId}: a test pattern for developers. It does not depict the prompt.`;
  }
  return modelId === '' ? '' : `Model ${modelId}.`;
}
