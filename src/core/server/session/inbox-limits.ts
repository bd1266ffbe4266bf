import type { InboxLimits } from './inbox.ts';
import type { StreamParts } from './stream-settings.ts';

/** What one client may have waiting, counted in the metrics when it is more. */
export function inboxLimits({ settings, metrics }: StreamParts): InboxLimits {
  return {
    messages: settings.maxWaitingMessages,
    bytes: settings.maxWaitingBytes,
    onLimit: (limit) => metrics.limitReached(limit),
  };
}
