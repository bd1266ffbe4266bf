import xterm from '@xterm/headless';

const cell = { width: 8.4, height: 18, padding: 12, font: 14 };
const colours = {
  background: '#16181d',
  text: '#d7dae0',
  /** The sixteen of a terminal. */
  palette: [
    ...['#2b2f37', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0'],
    ...['#7f8590', '#f07178', '#b5e890', '#ffd580', '#82c7ff', '#dfa0ff', '#7fdbe8', '#ffffff'],
  ],
};

interface Run {
  readonly column: number;
  text: string;
  readonly fill: string;
  readonly behind: string;
  readonly weight: string;
}

/** What a terminal of this size shows after these bytes, as an SVG with its text as text. */
export async function terminalSvg(written: string, columns: number, rows: number): Promise<string> {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => screen.write(written, resolve));
  const body = Array.from({ length: rows }, (_, row) => rowSvg(runsOf(screen, row), row)).join('');
  screen.dispose();
  const width = Math.ceil(columns * cell.width + 2 * cell.padding);
  const height = rows * cell.height + 2 * cell.padding;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="${colours.background}"/>
<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="${cell.font}">
${body}</g>
</svg>
`;
}

/** Neighbours of one look, without the space at the end of the row. */
function runsOf(screen: InstanceType<typeof xterm.Terminal>, row: number): Run[] {
  const { active } = screen.buffer;
  const line = active.getLine(active.baseY + row);
  const runs: Run[] = [];
  for (let column = 0; line !== undefined && column < screen.cols; column++) {
    const one = line.getCell(column);
    if (one === undefined || one.getWidth() === 0) continue;
    const front = one.isFgPalette() ? (colours.palette[one.getFgColor()] ?? colours.text) : colours.text;
    const back = one.isBgPalette() ? (colours.palette[one.getBgColor()] ?? '') : '';
    const inverse = one.isInverse() !== 0;
    const fill = inverse ? back || colours.background : one.isDim() ? '#7f8590' : front;
    const behind = inverse ? front : back;
    const weight = one.isBold() ? 'bold' : 'normal';
    const last = runs.at(-1);
    const text = one.getChars() || ' ';
    if (last && last.fill === fill && last.behind === behind && last.weight === weight) last.text += text;
    else runs.push({ column, text, fill, behind, weight });
  }
  return runs.filter(({ text, behind }) => text.trim() !== '' || behind !== '');
}

function rowSvg(runs: readonly Run[], row: number): string {
  return runs
    .map(({ column, text, fill, behind, weight }) => {
      const x = cell.padding + column * cell.width;
      const y = cell.padding + row * cell.height;
      const width = text.length * cell.width;
      const box =
        behind === ''
          ? ''
          : `<rect x="${x}" y="${y}" width="${width}" height="${cell.height}" fill="${behind}"/>`;
      const bold = weight === 'bold' ? ' font-weight="bold"' : '';
      return `${box}<text x="${x}" y="${y + cell.font}" textLength="${width}" fill="${fill}"${bold}>${escaped(text)}</text>\n`;
    })
    .join('');
}

/** With spaces that no viewer folds into one. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00a0');
}
