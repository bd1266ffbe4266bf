/** Who is told each event. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Gives the function that ends it. */
  add(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What a listener throws is an uncaught error of its own, as with DOM events: it stops nobody else. */
  tell(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
