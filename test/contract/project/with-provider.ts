import { hangLimitMs } from '../../support/hang-limit.ts';
import type { StandInProvider } from '../../support/stand-in-provider.ts';
import { quick } from '../servers.ts';

export const answer = (content: string) => ({ kind: 'answer', content }) as const;
export const noLuck = { kind: 'status', status: 400 } as const;

/** Arguments of a server whose prompts are written there. */
export function withProvider({ baseUrl }: StandInProvider): string[] {
  return [
    ...quick,
    ...['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'openai'],
    ...['--streaming.prompt.base_url', baseUrl, '--streaming.prompt.model', 'words'],
    ...['--streaming.prompt.timeout_ms', String(hangLimitMs)],
  ];
}
