import type { ErrorAbout } from '../../base/errors.ts';
import type { Parsed } from '../../protocol/native/parse.ts';

/** What the messages of clients have in common. */
export interface ClientMessage {
  readonly type: string;
  /** The client's own name for a prompt. */
  readonly prompt_id?: string | null | undefined;
}

/** No type of ours is longer; others may be as long as a message. */
const longestType = 64;

/** What an error is about that answers this message; undefined for a binary one. */
export function subjectOf(message: Parsed<ClientMessage> | undefined): ErrorAbout {
  const type = message?.ok ? message.frame.type : message?.type;
  const promptId = message?.ok ? message.frame.prompt_id : undefined;
  return {
    ...(type === undefined || type.length > longestType ? {} : { message: type }),
    ...(promptId ? { prompt_id: promptId } : {}),
  };
}
