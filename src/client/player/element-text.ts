import type { SessionStatus } from '../session-status.ts';

/** One line for the person who watches; empty while pictures come, or are not asked for. */
export function statusText({ phase, position, retry, detail }: SessionStatus, now: number): string {
  switch (phase) {
    case 'connecting':
      return 'Connecting …';
    case 'queued':
      return `Waiting for a free worker: place ${position} in the queue`;
    case 'reconnecting': {
      if (!retry) return 'No connection.';
      const seconds = Math.max(0, Math.ceil((retry.at - now) / 1000));
      return `No connection. Try ${retry.attempt} of ${retry.attempts} in ${seconds} s`;
    }
    case 'disconnected':
      return `Not connected. ${detail}`.trim();
    case 'idle':
    case 'active':
    case 'ended':
      return '';
  }
}
