import type { FastVideoError } from '../src/client/errors.ts';
import type { WireErrorCode } from '../src/client/frames.ts';
import { errorWords } from '../src/core/protocol/error-words.ts';

interface Sentence {
  /** Empty where the server's message says it already. */
  readonly what: string;
  readonly remedy: string;
}

const sentences: Readonly<Record<WireErrorCode, Sentence>> = {
  invalid_message: {
    what: 'The server did not accept that.',
    remedy: 'Change the prompt or the options and try again.',
  },
  session_rejected: {
    what: 'The server accepts no further sessions now.',
    remedy: 'Wait a little, then choose Connect.',
  },
  preset_mismatch: {
    what: 'The preset does not fit the model that this server runs.',
    remedy: 'Ask the operator which preset is served here.',
  },
  gpu_unavailable: {
    what: 'No worker became free in time.',
    remedy: 'Others are using the server; the page tries again automatically.',
  },
  worker_failed: {
    what: 'This segment could not be generated.',
    remedy: 'The session continues: send the prompt again.',
  },
  upstream_timeout: {
    what: 'This took longer than the server allows.',
    remedy: 'Send the prompt again; if it happens often, the server is overloaded.',
  },
  internal_error: {
    what: 'The server had an internal error.',
    remedy: 'Try again; if it happens again, its log says more.',
  },
  prompt_blocked: {
    what: '',
    remedy: 'Rephrase it and send it again.',
  },
  unauthorized: {
    what: 'The server refused this page.',
    remedy: 'Add the API key to the address of this page: ?api_key=YOUR_KEY',
  },
};

/** What happened, in the server's words too, and what to do about it. */
export function errorSentence({ code, message }: Pick<FastVideoError, 'code' | 'message'>): string {
  const { what, remedy } = isOnTheWire(code) ? sentences[code] : { what: '', remedy: '' };
  return [what, message === what ? '' : asSentence(errorWords(message)), remedy]
    .filter((part) => part !== '')
    .join(' ');
}

function isOnTheWire(code: FastVideoError['code']): code is WireErrorCode {
  return code in sentences;
}

function asSentence(text: string): string {
  const trimmed = text.trim();
  const sentence = trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1);
  return sentence === '' || /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
