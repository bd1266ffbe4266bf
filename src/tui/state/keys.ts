/** A key as the dashboard knows it; `text` is one character. */
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

const controls: ReadonlyMap<string, Key> = new Map([
  ['\x03', { name: 'interrupt' }],
  ['\t', { name: 'tab' }],
  ['\r', { name: 'enter' }],
  ['\n', { name: 'enter' }],
  ['\x1b', { name: 'escape' }],
  ['\b', { name: 'backspace' }],
  ['\x7f', { name: 'backspace' }],
]);

/**
 * The keys that were pressed, without those that mean nothing here. Keys that arrive together, as over a slow
 * connection, come as one `input`.
 */
export function readKeys(input: string, key: TerminalKey): readonly Key[] {
  const named = namedKey(input, key);
  if (named) return [named];
  if (key.ctrl || key.meta) return [];
  return [...input].flatMap((character) => {
    const control = controls.get(character);
    if (control) return [control];
    return character < ' ' ? [] : [{ name: 'text', text: character } as const];
  });
}

function namedKey(input: string, key: TerminalKey): Key | undefined {
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
  return undefined;
}
