import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import { SessionTrouble } from './session-trouble.ts';

/** A client's connection, as far as trouble is concerned. */
export interface TroubledConnection {
  /** What the scenario that holds now does to it. */
  readonly trouble: SessionTrouble;
}

interface Place {
  trouble: SessionTrouble;
  readonly onReplaced: () => void;
}

/**
 * The scenario that holds, and whom it is for. The parts of a server do not tell each other which client they work for
 * (a provider is only given a prompt), so the connection goes along with the call: it is entered where a message of the
 * client comes in, and read wherever something may go wrong.
 */
export class Troublemaker {
  readonly #entered = new AsyncLocalStorage<TroubledConnection>();
  readonly #places = new Set<Place>();
  #scenario: Scenario;
  #numbered = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  /** For all that happens from now on. Connections are numbered anew, the oldest first. */
  replace(scenario: Scenario): void {
    this.#scenario = scenario;
    this.#numbered = 0;
    for (const place of this.#places) {
      place.trouble = this.#next();
      place.onReplaced();
    }
  }

  /** A client has connected. */
  open(onReplaced: () => void): TroubledConnection {
    const place: Place = { trouble: this.#next(), onReplaced };
    this.#places.add(place);
    return place;
  }

  close(connection: TroubledConnection): void {
    for (const place of this.#places) if (place === connection) this.#places.delete(place);
  }

  /** The connection whose client is being served here. */
  get current(): TroubledConnection | undefined {
    return this.#entered.getStore();
  }

  /** From here to the end of this event, and in all that it sets going. */
  enter(connection: TroubledConnection): void {
    this.#entered.enterWith(connection);
  }

  within<Result>(connection: TroubledConnection, work: () => Result): Result {
    return this.#entered.run(connection, work);
  }

  #next(): SessionTrouble {
    this.#numbered += 1;
    return new SessionTrouble(this.#scenario, this.#numbered);
  }
}
