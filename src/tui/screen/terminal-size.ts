import type { Size } from '../view/size.ts';

/** In characters. A terminal that does not know its size says 0: the usual 80 by 24 then. */
export function terminalSize({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}
