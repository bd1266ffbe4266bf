import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Size } from '../view/frame.ts';
import { Dialog } from './dialog.tsx';

const keys = [
  ['tab', 'go to the next list (▸)'],
  ['↑ ↓', 'scroll it; PgUp PgDn Home End'],
  ['s', 'sort it in another way'],
  ['/', 'show only rows with a text'],
  ['Esc', 'clear the filter'],
  ['d', 'drain the server (asks first)'],
  ['q', 'quit; Ctrl-C too'],
] as const;

/** What the keys do. */
export function Help({ room }: { readonly room: Size }): ReactNode {
  return (
    <Dialog title="Keys" room={room}>
      {keys.map(([key, does]) => (
        <Box key={key}>
          <Box width={5} flexShrink={0}>
            <Text bold>{key}</Text>
          </Box>
          <Text wrap="truncate">{does}</Text>
        </Box>
      ))}
    </Dialog>
  );
}
