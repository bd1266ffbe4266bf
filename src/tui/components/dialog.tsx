import { Box, Text } from 'ink';
import type { ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}

/** A framed text in the middle of the room that it is given. */
export function Dialog({ title, width, height, children }: DialogProps): ReactNode {
  return (
    <Box width={width} height={height} alignItems="center" justifyContent="center" overflow="hidden">
      <Box flexDirection="column" borderStyle="round" paddingX={1} width={Math.min(width, 66)} flexShrink={0}>
        <Text bold>{title}</Text>
        {children}
      </Box>
    </Box>
  );
}
