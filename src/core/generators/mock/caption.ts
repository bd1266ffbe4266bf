import { characterStep, drawText, lineStep, type Picture } from './draw-text.ts';
import { wrapText } from './wrap-text.ts';

/** The dark strip at the bottom of the picture: one line that changes with each frame, then the prompt. */
export interface Caption {
  /** Draws the strip into an RGB24 frame. */
  draw(frame: Uint8Array, changingLine: string): void;
}

const maxPromptLines = 3;
/** More of a prompt never fits. */
const maxPromptCharacters = 1000;
const stripColor = [18, 18, 24] as const;

/** A caption for pictures of this size; one that draws nothing where not even one line fits. */
export function createCaption(width: number, height: number, prompt: string): Caption {
  const scale = Math.max(1, Math.round(height / 200));
  const margin = 4 * scale;
  const columns = Math.floor((width - 2 * margin + scale) / (characterStep * scale));
  // No more than half of the picture: the movement must stay in sight.
  const room = Math.floor((height / 2 - 2 * margin) / (lineStep * scale));
  if (columns < 1 || room < 1) return { draw: () => {} };

  // Accents are dropped rather than the letter under them: the font is ASCII.
  const plain = prompt.slice(0, maxPromptCharacters).normalize('NFKD').replace(/\p{M}/gu, '');
  const lines = wrapText(plain, columns, Math.min(maxPromptLines, room - 1));
  const stripHeight = 2 * margin + (1 + lines.length) * lineStep * scale;
  const strip: Picture = { data: paint(width * stripHeight), width };
  const lineTop = (index: number) => margin + index * lineStep * scale;
  for (const [index, line] of lines.entries()) drawText(strip, margin, lineTop(index + 1), scale, line);
  const stripTop = height - stripHeight;
  return {
    draw(frame, changingLine) {
      frame.set(strip.data, stripTop * width * 3);
      drawText({ data: frame, width }, margin, stripTop + lineTop(0), scale, changingLine.slice(0, columns));
    },
  };
}

function paint(pixels: number): Uint8Array {
  const data = new Uint8Array(pixels * 3);
  for (let at = 0; at < data.length; at += 3) data.set(stripColor, at);
  return data;
}
