import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Size } from '../view/frame.ts';

interface DialogProps {
  readonly title: string;
  /** The room that it stands in the middle of. */
  readonly room: Size;
  readonly children: ReactNode;
}

const widest = 66;

/** Columns for the text of a dialog: without its frame. */
export function dialogTextWidth({ columns }: Size): number {
  return Math.max(1, Math.min(columns, widest) - 4);
}

/** A framed text in the middle of the room that it is given. */
export function Dialog({ title, room, children }: DialogProps): ReactNode {
  return (
    <Box
      width={room.columns}
      height={room.rows}
      alignItems="center"
      justifyContent="center"
      overflow="hidden"
    >
      <Box
        flexDirection="column"
        borderStyle="round"
        paddingX={1}
        width={dialogTextWidth(room) + 4}
        flexShrink={0}
      >
        <Text bold wrap="truncate">
          {title}
        </Text>
        {children}
      </Box>
    </Box>
  );
}
