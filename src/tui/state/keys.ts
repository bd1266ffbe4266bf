/** A key as the dashboard knows it; `text` is what was typed or pasted. */
export type Key =
  | { readonly name: 'text'; readonly text: string }
  | {
      readonly name:
        | 'up'
        | 'down'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'tab'
        | 'back-tab'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'interrupt';
    };

/** The fields that we use of what Ink tells of a key. */
export interface TerminalKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly tab: boolean;
  readonly shift: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

/** The key that was pressed; none for one that means nothing here. */
export function readKey(input: string, key: TerminalKey): Key | undefined {
  if (key.ctrl) return input === 'c' ? { name: 'interrupt' } : undefined;
  if (key.upArrow) return { name: 'up' };
  if (key.downArrow) return { name: 'down' };
  if (key.pageUp) return { name: 'page-up' };
  if (key.pageDown) return { name: 'page-down' };
  if (key.home) return { name: 'home' };
  if (key.end) return { name: 'end' };
  if (key.tab) return { name: key.shift ? 'back-tab' : 'tab' };
  if (key.return) return { name: 'enter' };
  if (key.escape) return { name: 'escape' };
  // Terminals send DEL for the backspace key, which Ink calls "delete".
  if (key.backspace || key.delete) return { name: 'backspace' };
  if (key.meta || input === '') return undefined;
  return { name: 'text', text: input };
}
