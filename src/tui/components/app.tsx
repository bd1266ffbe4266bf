import { Box, useInput } from 'ink';
import { type ReactNode, useSyncExternalStore } from 'react';
import type { DashboardState } from '../state/dashboard-state.ts';
import { type Key, readKeys } from '../state/keys.ts';
import type { Surroundings } from '../state/step.ts';
import type { Store } from '../state/store.ts';
import { buildFrame } from '../view/frame.ts';
import type { Size } from '../view/size.ts';
import { DialogBox } from './dialog-box.tsx';
import { ColorContext, Lines } from './lines.tsx';

interface AppProps {
  readonly state: Store<DashboardState>;
  readonly size: Store<Size>;
  readonly hasColor: boolean;
  /** Whether there is a keyboard. */
  readonly hasKeys: boolean;
  onKey(key: Key, shown: Pick<Surroundings, 'panels' | 'dialog'>): void;
}

/** The whole screen. */
export function App({ state: store, size: sizes, hasColor, hasKeys, onKey }: AppProps): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const size = useSyncExternalStore(sizes.subscribe, sizes.get);
  const { columns, rows } = size;
  const frame = buildFrame(state, size, hasKeys);
  useInput(
    (input, key) => {
      for (const pressed of readKeys(input, key)) {
        // What the key before has changed counts for this one, drawn or not.
        const { panels, dialog } = buildFrame(store.get(), sizes.get(), hasKeys);
        const lines = dialog ?? { rows: 0, shown: 0 };
        onKey(pressed, { panels, dialog: { rows: lines.rows, shown: lines.shown } });
        // Nobody has read a question that was asked by the same chunk.
        if (dialog === undefined && store.get().ui.mode === 'drain') break;
      }
    },
    { isActive: hasKeys },
  );
  const room = { columns, rows: Math.max(0, rows - frame.head.length - 1) };
  return (
    <ColorContext value={hasColor}>
      <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
        <Lines lines={frame.head} />
        {frame.dialog ? (
          <DialogBox dialog={frame.dialog} room={room} />
        ) : (
          <Box height={room.rows} flexDirection="column" overflow="hidden">
            <Lines lines={frame.body} />
          </Box>
        )}
        <Lines lines={[frame.foot]} />
      </Box>
    </ColorContext>
  );
}
