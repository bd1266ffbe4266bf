/** Breaks text into at most `maxLines` lines of at most `columns` characters; what does not fit ends in `...`. */
export function wrapText(text: string, columns: number, maxLines: number): string[] {
  if (columns < 1 || maxLines < 1) return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (lengthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = [...word];
    for (; rest.length > columns; rest = rest.slice(columns)) lines.push(rest.slice(0, columns).join(''));
    line = rest.join('');
    if (lines.length > maxLines) break;
  }
  if (line !== '') lines.push(line);
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  const last = [...(kept[maxLines - 1] ?? '')].slice(0, Math.max(0, columns - 3));
  kept[maxLines - 1] = `${last.join('')}...`.slice(0, columns);
  return kept;
}

function lengthOf(text: string): number {
  return [...text].length;
}
