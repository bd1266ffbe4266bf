import { exceedsJsonBounds } from '../../base/json-bounds.ts';

/** Stands in a recording where a resume token stood: recordings are handed on. */
const masked = 'not-recorded';

/** How the index holds a text message. */
export type TextMember = { readonly frame: object } | { readonly text: string };

/** A JSON object stands in the index as it is, anything else as a string; resume tokens in neither. */
export function textMember(text: string): TextMember {
  try {
    const value: unknown = exceedsJsonBounds(text) ? undefined : JSON.parse(text, withoutToken);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { frame: value };
  } catch (error) {
    // Not JSON, or nested deeper than can be walked: kept as it came.
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  return { text: text.replace(/("resume_token"\s*:\s*")[^"]*/g, `$1${masked}`) };
}

function withoutToken(key: string, value: unknown): unknown {
  return key === 'resume_token' && typeof value === 'string' ? masked : value;
}
