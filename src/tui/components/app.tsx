import { Box, useInput } from 'ink';
import { type ReactNode, useSyncExternalStore } from 'react';
import type { DashboardState } from '../state/dashboard-state.ts';
import { type Key, readKey } from '../state/keys.ts';
import type { Surroundings } from '../state/step.ts';
import type { Store } from '../state/store.ts';
import { buildFrame, type Size } from '../view/frame.ts';
import { DrainQuestion } from './drain-question.tsx';
import { Help } from './help.tsx';
import { ColorContext, Lines } from './lines.tsx';

interface AppProps {
  readonly state: Store<DashboardState>;
  readonly size: Store<Size>;
  readonly hasColor: boolean;
  /** Whether there is a keyboard. */
  readonly hasKeys: boolean;
  onKey(key: Key, panels: Surroundings['panels']): void;
}

/** The whole screen. */
export function App({ state: store, size: sizes, hasColor, hasKeys, onKey }: AppProps): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const size = useSyncExternalStore(sizes.subscribe, sizes.get);
  const { columns, rows } = size;
  const frame = buildFrame(state, size, hasKeys);
  useInput(
    (input, key) => {
      const pressed = readKey(input, key);
      if (pressed) onKey(pressed, frame.panels);
    },
    { isActive: hasKeys },
  );
  const room = { columns, rows: Math.max(0, rows - frame.head.length - 1) };
  return (
    <ColorContext value={hasColor}>
      <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
        <Lines lines={frame.head} />
        {state.ui.mode === 'help' ? (
          <Help room={room} />
        ) : state.ui.mode === 'drain' ? (
          <DrainQuestion label={state.label} room={room} />
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
