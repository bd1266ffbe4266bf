import type { ScenarioKey } from '../src/core/protocol/http/mock-scenario.ts';
import type { MockScenarios, Scenario, ScenarioAnswer } from './mock-scenarios.ts';
import { pageElement, setText } from './page-element.ts';
import { element, ScenarioField } from './scenario-field.ts';
import { isDefault, scenarioOf, valueAt } from './scenario-values.ts';

const ownValues = 'own values';
const noFaults = 'none';

/** The section "Trouble" of a mock: what it does badly on purpose, to choose and to change. */
export class TroublePanel {
  readonly #scenarios: MockScenarios;
  readonly #panel = pageElement('trouble', HTMLDetailsElement);
  readonly #ready = pageElement('trouble-ready', HTMLSelectElement);
  readonly #description = pageElement('trouble-description', HTMLElement);
  readonly #values = pageElement('trouble-values', HTMLElement);
  readonly #state = pageElement('trouble-state', HTMLElement);
  readonly #problem = pageElement('trouble-problem', HTMLElement);
  readonly #fields: ScenarioField[] = [];
  #answer: ScenarioAnswer | undefined;

  constructor(scenarios: MockScenarios) {
    this.#scenarios = scenarios;
    this.#ready.addEventListener('change', () => this.#choose());
    this.#values.addEventListener('input', () => this.#edited());
    pageElement('trouble-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#apply(this.#typed());
    });
    pageElement('trouble-clear', HTMLButtonElement).addEventListener('click', () => void this.#apply({}));
  }

  /** Shows itself where the server is a mock, and only there. */
  async open(): Promise<void> {
    const answer = await this.#scenarios.find();
    if (!answer) return;
    this.#answer = answer;
    this.#ready.append(new Option('No trouble', noFaults));
    for (const { name } of answer.ready_made) this.#ready.append(new Option(name, name));
    this.#ready.append(new Option('Own values', ownValues));
    this.#build(answer.keys);
    this.#showHolding(answer);
    this.#panel.hidden = false;
  }

  #build(keys: readonly ScenarioKey[]): void {
    const sections = keys.filter(({ field, key }) => field === 'section' && !key.includes('.'));
    const plain = keys.filter(({ field, key }) => field !== 'section' && key === 'seed');
    for (const key of plain) this.#values.append(this.#field(key, 'seed'));
    for (const { key: name, description } of sections) {
      const section = document.createElement('details');
      const inside = keys.filter(({ field, key }) => field !== 'section' && key.startsWith(`${name}.`));
      const fields = inside.map((key) =>
        this.#field(key, key.key.slice(name.length + 1).replaceAll('.', ' ')),
      );
      section.append(element('summary', '', name), element('p', 'small', description), ...fields);
      this.#values.append(section);
    }
  }

  #field(key: ScenarioKey, label: string): HTMLElement {
    const field = new ScenarioField(key, label.replaceAll('_', ' '));
    this.#fields.push(field);
    return field.element;
  }

  #choose(): void {
    const { value } = this.#ready;
    const chosen = this.#answer?.ready_made.find(({ name }) => name === value)?.scenario;
    if (value !== ownValues) this.#show(chosen ?? {});
    setText(this.#description, String(chosen?.['description'] ?? ''));
  }

  #edited(): void {
    this.#ready.value = ownValues;
    setText(this.#description, '');
  }

  /** Puts the values of a scenario into the fields; a section with values of its own is opened. */
  #show(scenario: Scenario): void {
    const open = new Set<Element>();
    for (const field of this.#fields) {
      const value = valueAt(scenario, field.key.key) ?? field.key.default;
      field.show(value);
      const section = field.element.closest('#trouble-values details');
      if (section && !isDefault(value, field.key)) open.add(section);
    }
    for (const section of this.#values.querySelectorAll('details')) section.open = open.has(section);
    setText(this.#problem, '');
  }

  #typed(): Scenario {
    const values = new Map<string, unknown>();
    const ready = this.#ready.value;
    if (ready !== ownValues && ready !== noFaults) {
      values.set('name', ready);
      values.set('description', this.#description.textContent ?? '');
    }
    for (const field of this.#fields) {
      const { value } = field;
      if (value !== undefined && !isDefault(value, field.key)) values.set(field.key.key, value);
    }
    return scenarioOf(values);
  }

  async #apply(scenario: Scenario): Promise<void> {
    try {
      this.#showHolding(await this.#scenarios.replace(scenario));
    } catch (error) {
      this.#showProblem(error instanceof Error ? error.message : String(error));
    }
  }

  #showHolding(answer: ScenarioAnswer): void {
    this.#answer = answer;
    const { scenario } = answer;
    const name = scenario['name'];
    const nothing = this.#fields.every(({ key }) => isDefault(valueAt(scenario, key.key), key));
    const ready = answer.ready_made.some((one) => one.name === name);
    this.#ready.value = ready ? String(name) : nothing ? noFaults : ownValues;
    this.#show(scenario);
    setText(this.#description, ready ? String(scenario['description'] ?? '') : '');
    setText(this.#state, nothing ? 'No trouble is active.' : `Active now: ${name ?? 'own values'}.`);
  }

  /** Each line names its key; the first of the fields that are meant gets the focus. */
  #showProblem(message: string): void {
    const [, ...lines] = message.split('\n');
    const problems = (lines.length > 0 ? lines : [message]).map((line) => line.replace(/^scenario /, ''));
    setText(this.#problem, problems.join('\n'));
    let first: ScenarioField | undefined;
    for (const field of this.#fields) {
      const wrong = problems.some((line) => line.startsWith(`${field.key.key}:`));
      field.mark(wrong);
      if (!wrong) continue;
      const section = field.element.closest('details');
      if (section) section.open = true;
      first ??= field;
    }
    first?.focus();
  }
}
