import { glyphHeight, glyphRows, glyphWidth } from './bitmap-font.ts';

/** RGB24 pixels, rows from the top. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
}

/** Columns from one character to the next, in pixels of the font. */
export const characterStep = glyphWidth + 1;

/** Draws one line of light text; each pixel of the font becomes `scale` by `scale`. The line must fit the picture. */
export function drawText(picture: Picture, left: number, top: number, scale: number, text: string): void {
  let at = left;
  for (const character of text) {
    for (const [row, bits] of glyphRows(character).entries()) {
      for (let column = 0; column < glyphWidth; column++) {
        if ((bits >> (glyphWidth - 1 - column)) & 1) {
          fillSquare(picture, at + column * scale, top + row * scale, scale);
        }
      }
    }
    at += characterStep * scale;
  }
}

/** Font pixels from one line's top to the next. */
export const lineStep = glyphHeight + 3;

function fillSquare({ data, width }: Picture, left: number, top: number, size: number): void {
  for (let y = top; y < top + size; y++) {
    const start = (y * width + left) * 3;
    data.fill(235, start, start + size * 3);
  }
}
