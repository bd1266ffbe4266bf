import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { Size } from '../view/frame.ts';
import { Dialog } from './dialog.tsx';

interface DrainQuestionProps {
  readonly label: string;
  readonly size: Size;
}

/** Says what a drain does before it is done. */
export function DrainQuestion({ label, size: { columns, rows } }: DrainQuestionProps): ReactNode {
  return (
    <Dialog title="Drain this server?" width={columns} height={rows}>
      <Text wrap="truncate-middle">{label}</Text>
      <Text>
        It takes no new session from then on, ends the segments that are being made and tells its clients. It
        cannot be taken back.
      </Text>
      <Text>
        <Text bold>y</Text> drain <Text bold>n</Text> leave it
      </Text>
    </Dialog>
  );
}
