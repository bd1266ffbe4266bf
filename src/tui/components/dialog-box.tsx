import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { type Dialog, frameColumns } from '../view/dialogs/dialog.ts';
import type { Size } from '../view/size.ts';
import { Lines } from './lines.tsx';

interface DialogBoxProps {
  readonly dialog: Dialog;
  /** The room that it stands in the middle of. */
  readonly room: Size;
}

/** A text in the middle of the room that it is given, in a frame with its title where there is room for one. */
export function DialogBox({ dialog: { title, lines, framed, width }, room }: DialogBoxProps): ReactNode {
  return (
    <Box
      width={room.columns}
      height={room.rows}
      alignItems="center"
      justifyContent="center"
      overflow="hidden"
    >
      {framed ? (
        <Box
          flexDirection="column"
          borderStyle="round"
          paddingX={1}
          width={width + frameColumns}
          flexShrink={0}
        >
          <Text bold wrap="truncate">
            {title}
          </Text>
          <Lines lines={lines} />
        </Box>
      ) : (
        <Lines lines={lines} />
      )}
    </Box>
  );
}
