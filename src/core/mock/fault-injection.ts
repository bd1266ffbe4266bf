import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scenario } from '../base/config/scenario-schema/scenario.ts';
import { SessionFaults } from './session-faults.ts';

/** A client's connection, as far as trouble is concerned. */
export interface FaultyConnection {
  /** What the scenario that holds now does to it. */
  readonly trouble: SessionFaults;
}

interface OpenConnection {
  trouble: SessionFaults;
  readonly onReplaced: () => void;
}

/**
 * The scenario that holds, and whom it is for. The parts of a server do not tell each other which client they work for
 * (a provider is only given a prompt), so the connection goes along with the call: it is entered where a message of the
 * client comes in, and read wherever something may go wrong.
 */
export class FaultInjection {
  readonly #entered = new AsyncLocalStorage<FaultyConnection>();
  readonly #connections = new Set<OpenConnection>();
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
    for (const place of this.#connections) {
      place.trouble = this.#next();
      place.onReplaced();
    }
  }

  /** A client has connected. */
  open(onReplaced: () => void): FaultyConnection {
    const place: OpenConnection = { trouble: this.#next(), onReplaced };
    this.#connections.add(place);
    return place;
  }

  close(connection: FaultyConnection): void {
    for (const place of this.#connections) if (place === connection) this.#connections.delete(place);
  }

  /** The connection whose client is being served here. */
  get current(): FaultyConnection | undefined {
    return this.#entered.getStore();
  }

  /** From here to the end of this event, and in all that it sets going. */
  enter(connection: FaultyConnection): void {
    this.#entered.enterWith(connection);
  }

  within<Result>(connection: FaultyConnection, work: () => Result): Result {
    return this.#entered.run(connection, work);
  }

  #next(): SessionFaults {
    this.#numbered += 1;
    return new SessionFaults(this.#scenario, this.#numbered);
  }
}
