const foreign = /[^A-Za-z0-9+/]/;
const foreignOrSpace = /[^A-Za-z0-9+/\s]/;
const mostPadding = 2;

/**
 * Whether a text is base64 (RFC 4648, section 4), padded or not. Looks at each character once: a pattern for the whole of
 * it goes back and forth over megabytes of what is none.
 *
 * @param options.spaces - whether white space may stand in it
 */
export function isBase64(text: string, { spaces = false } = {}): boolean {
  const trimmed = spaces ? text.trimEnd() : text;
  const padding = trimmed.endsWith('==') ? mostPadding : trimmed.endsWith('=') ? 1 : 0;
  return !(spaces ? foreignOrSpace : foreign).test(trimmed.slice(0, trimmed.length - padding));
}
