/** A sentence as it stands behind a colon; an abbreviation or an address stays as it is. */
export function lowerFirst(sentence: string): string {
  return sentence.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
}
