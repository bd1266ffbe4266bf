import { Text } from 'ink';
import type { ReactNode } from 'react';
import { wrapWords } from '../text/wrap-words.ts';
import type { Size } from '../view/frame.ts';
import { Dialog, dialogTextWidth } from './dialog.tsx';

interface DrainQuestionProps {
  readonly label: string;
  readonly room: Size;
}

const consequences =
  'It takes no new session from then on, ends the segments that are being made, tells its clients and exits. This cannot be taken back.';

/** Says what a drain does before it is done. */
export function DrainQuestion({ label, room }: DrainQuestionProps): ReactNode {
  return (
    <Dialog title="Drain this server?" room={room}>
      <Text wrap="truncate-middle">{label}</Text>
      {wrapWords(consequences, dialogTextWidth(room)).map((line) => (
        <Text key={line}>{line}</Text>
      ))}
    </Dialog>
  );
}
