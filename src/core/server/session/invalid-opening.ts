import { type ErrorAbout, FastVideoError } from '../../base/errors.ts';

/** A first frame that opens no session; `closeReason` is the reason of the close. */
export class InvalidOpening extends FastVideoError {
  readonly closeReason: 'invalid_init' | 'expected_session_init_v2';

  constructor(closeReason: InvalidOpening['closeReason'], message: string, about?: ErrorAbout) {
    super('invalid_message', message, { retryable: false, ...(about ? { about } : {}) });
    this.closeReason = closeReason;
  }
}

/** A first frame that did not arrive in time. */
export class LateOpening extends InvalidOpening {
  constructor(message: string) {
    super('invalid_init', message);
  }
}

/** A picture that cannot be used, in a first frame or later. */
export class InvalidImage extends FastVideoError {
  readonly closeReason = 'Invalid initial image';
}

/** Reads the opening out of a first frame whose type may be another one. `read` gives undefined for those. */
export function readFirstFrame<Frame extends { readonly type: string }, Init>(
  message:
    | { readonly ok: true; readonly frame: Frame }
    | { readonly ok: false; readonly problem: string }
    | undefined,
  read: (frame: Frame) => Init | undefined,
): Init {
  if (message === undefined) {
    throw new InvalidOpening(
      'invalid_init',
      'The first frame is binary; it must be a session_init_v2 text frame.',
    );
  }
  if (!message.ok) {
    throw new InvalidOpening(
      'invalid_init',
      `The first frame must be a valid session_init_v2: ${message.problem}.`,
    );
  }
  const init = read(message.frame);
  if (init !== undefined) return init;
  const text = `The first frame must be session_init_v2, not ${message.frame.type}.`;
  throw new InvalidOpening('expected_session_init_v2', text);
}
