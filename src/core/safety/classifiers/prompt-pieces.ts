/** UTF-16 units of one piece, and of what two neighbours share. A tokenizer's time grows with the square of a word. */
const pieceLength = 4096;
const overlap = 256;

/**
 * The prompt as it is, or, when it is long, in pieces that overlap, so that no part of it goes unseen. Pieces are cut at
 * a space where there is one.
 */
export function promptPieces(prompt: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (prompt.length - start > pieceLength) {
    const end = start + pieceLength;
    const space = prompt.lastIndexOf(' ', end);
    const cut = wholeCharacter(prompt, space > end - overlap ? space : end);
    pieces.push(prompt.slice(start, cut));
    start = wholeCharacter(prompt, cut - overlap);
  }
  pieces.push(prompt.slice(start));
  return pieces;
}

/** The place, or the one before it where that would cut a pair of surrogates in two. */
function wholeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
