/** Something of libav that must be given back before this process ends. */
export interface Held {
  /** Whether another thread is at work with it. */
  readonly isBusy: boolean;
  /** Gives it back, at once. Nothing of it may be at work. May be called twice. */
  free(): void;
}

const held = new Set<Held>();
let listens = false;

/** A process that ends by itself with open contexts crashes: at its end those that are held are given back. */
export function hold(thing: Held): void {
  held.add(thing);
  if (listens) return;
  listens = true;
  process.once('exit', () => {
    for (const left of held) if (!left.isBusy) left.free();
  });
}

export function letGo(thing: Held): void {
  held.delete(thing);
}
