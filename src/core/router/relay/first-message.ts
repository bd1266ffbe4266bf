import { aborted } from '../../base/async/aborted.ts';
import { deferred } from '../../base/async/deferred.ts';
import { type ByteSource, MessageBytes } from '../../base/opening/message-bytes.ts';
import { type OpeningLate, type OpeningLimits, OpeningWait } from '../../base/opening/opening-wait.ts';
import type { Message } from '../wire/message.ts';

/** One sign for each short while is enough for a replica that counts seconds. */
const signEveryMs = 50;

/** The client's first message; why it did not come in time; undefined when the client has gone. */
export async function firstMessage(
  source: ByteSource,
  opened: Promise<Message>,
  limits: OpeningLimits,
  gone: AbortSignal,
): Promise<Message | OpeningLate | undefined> {
  const late = deferred<OpeningLate>();
  using _ = new OpeningWait(source, limits, late.resolve);
  return await Promise.race([opened, late.promise, aborted(gone)]);
}

/**
 * Calls `sign` while the client's first message comes in, for a replica that waits for it and sees none of its bytes
 * before this side has all of them.
 */
export function signWhileReceiving(
  source: ByteSource,
  opened: Promise<Message>,
  gone: AbortSignal,
  sign: () => void,
): void {
  let lastSign = Number.NEGATIVE_INFINITY;
  const bytes = new MessageBytes(source, () => {
    if (performance.now() - lastSign < signEveryMs) return;
    lastSign = performance.now();
    sign();
  });
  void Promise.race([opened, aborted(gone)]).then(() => bytes[Symbol.dispose]());
}
