/** More of a prompt than this many characters is not looked at: it bounds the work that a peer can ask for. */
const maxCharacters = 8192;

/** The words of a prompt in lower case, punctuation dropped. */
export function promptWords(prompt: string): string[] {
  const text = prompt.slice(0, maxCharacters).normalize('NFKC').toLowerCase();
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}
