import { Box, Text, type TextProps } from 'ink';
import { createContext, createElement, type ReactNode, useContext } from 'react';
import type { Line, Span, Tone } from '../text/line.ts';

/** Whether colours may be used. */
export const ColorContext = createContext(true);

const styles: Readonly<Record<Tone, Partial<TextProps>>> = {
  plain: {},
  dim: { dimColor: true },
  strong: { bold: true },
  good: { color: 'green' },
  warn: { color: 'yellow' },
  bad: { color: 'red', bold: true },
  accent: { color: 'cyan' },
  alarm: { color: 'red', bold: true, inverse: true },
};

/** Lines that were laid out for the width of the screen; what stands where is their key, so none is given. */
export function Lines({ lines }: { readonly lines: readonly Line[] }): ReactNode {
  const hasColor = useContext(ColorContext);
  const rows = lines.map((line) => lineText(line, hasColor));
  return createElement(Box, { flexDirection: 'column', flexShrink: 0 }, ...rows);
}

function lineText(line: Line, hasColor: boolean): ReactNode {
  // An empty text would take no row.
  const pieces = line.length === 0 ? [' '] : line.map((piece) => styledText(piece, hasColor));
  return createElement(Text, { wrap: 'truncate' }, ...pieces);
}

function styledText({ text, tone }: Span, hasColor: boolean): ReactNode {
  const { color, ...rest } = styles[tone];
  return (
    <Text {...rest} {...(hasColor && color !== undefined ? { color } : {})}>
      {text}
    </Text>
  );
}
