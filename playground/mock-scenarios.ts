import type { MockScenarioAnswer } from '../src/core/protocol/http/mock-scenario.ts';

export type Scenario = Readonly<Record<string, unknown>>;
export type ScenarioAnswer = Omit<MockScenarioAnswer, 'scenario' | 'ready_made'> & {
  readonly scenario: Scenario;
  readonly ready_made: readonly { readonly name: string; readonly scenario: Scenario }[];
};

const mockService = 'ltx2-streaming-mock-server';

/** The trouble that the page's server makes, where it is a mock. */
export class MockScenarios {
  readonly #url: URL;

  /** @param statusUrl - any HTTP address of the server; the key is in the query */
  constructor(statusUrl: string) {
    this.#url = new URL('/mock/scenario', statusUrl);
    this.#url.search = new URL(statusUrl).search;
  }

  /** What holds now; undefined where the server is no mock or does not let the page in. */
  async find(): Promise<ScenarioAnswer | undefined> {
    try {
      // Asked first, because every server answers it: a question that fails would stand in the console as an error.
      const health = await fetch(new URL('/healthz', this.#url));
      const { service } = (await health.json()) as { service?: unknown };
      if (service !== mockService) return undefined;
      const response = await fetch(this.#url);
      return response.ok ? ((await response.json()) as ScenarioAnswer) : undefined;
    } catch {
      // A server that cannot be asked has no panel; that there is no connection is told elsewhere.
      return undefined;
    }
  }

  /** Puts a scenario in force. Throws an Error with a line for each thing that is wrong with it. */
  async replace(scenario: Scenario): Promise<ScenarioAnswer> {
    const response = await fetch(this.#url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(scenario),
    });
    if (response.ok) return (await response.json()) as ScenarioAnswer;
    const { message } = (await response.json()) as { message?: unknown };
    throw new Error(typeof message === 'string' ? message : `The server answered ${response.status}.`);
  }
}
