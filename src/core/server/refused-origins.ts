import type { Logger } from '../base/log.ts';

/** So many are told; whoever makes up more is no operator's page. */
const mostTold = 20;
const longestOrigin = 200;

/** Tells the operator of each origin that was refused, once: the browser shows a page nothing but that it failed. */
export class RefusedOrigins {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  tell(origin: string | undefined): void {
    const name = origin?.slice(0, longestOrigin);
    if (name === undefined || this.#told.has(name) || this.#told.size >= mostTold) return;
    this.#told.add(name);
    this.#logger.warn(
      { origin: name },
      `a page of this origin was refused: to let it in, add it to server.allowed_origins`,
    );
  }
}
