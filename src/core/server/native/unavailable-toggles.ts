import { FastVideoError } from '../../base/errors.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { SessionToggles } from '../../sessions/session.ts';

/** What a client is told about toggles that cannot do anything here. */
export function toggleComplaints(
  { enhancement, autoExtension }: Pick<SessionToggles, 'enhancement' | 'autoExtension'>,
  enhancer: PromptEnhancer | undefined,
): FastVideoError[] {
  if (enhancer) return [];
  return [
    ...(enhancement ? [noProvider('Enhancement')] : []),
    ...(autoExtension ? [noProvider('Auto-extension')] : []),
  ];
}

export function noProvider(what: string): FastVideoError {
  const remedy =
    'set streaming.prompt.enabled and a provider (streaming.prompt.provider) in the server config';
  return new FastVideoError(
    'invalid_message',
    `${what} needs a prompt provider, and none is configured; ${remedy}.`,
  );
}
