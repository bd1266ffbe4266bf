import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * The lines in groups of up to `size`: a line that comes alone goes on alone, at once; of many that are there already as
 * many as fit go together. At most two groups are read ahead.
 */
export async function* lineGroups(
  lines: AsyncIterator<string>,
  size: number,
): AsyncGenerator<string[], void, undefined> {
  const buffer: string[] = [];
  let end: { readonly error?: unknown } | undefined;
  let left = false;
  let onNews = () => {};
  let onRoom = () => {};
  const read = async (): Promise<void> => {
    while (!left) {
      const next = await lines.next();
      if (next.done === true) return;
      buffer.push(next.value);
      if (buffer.length === 1) onNews();
      if (buffer.length < size * 2) continue;
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    }
  };
  const reading = read().then(
    () => {
      end = {};
      onNews();
    },
    (error: unknown) => {
      end = { error };
      onNews();
    },
  );
  try {
    for (;;) {
      if (buffer.length === 0 && !end) {
        await new Promise<void>((resolve) => {
          onNews = resolve;
        });
      }
      // What comes together is in the buffer by then.
      if (buffer.length < size && !end) await nextTurn();
      const group = buffer.splice(0, size);
      onRoom();
      if (group.length > 0) yield group;
      else if (end) break;
    }
    await reading;
    if (end && 'error' in end) throw end.error;
  } finally {
    left = true;
    onRoom();
    // A read that waits for its line may not answer before that comes: it is told, but not waited for.
    if (!end) lines.return?.().catch(() => undefined);
  }
}
