import type { ScenarioKey } from '../src/core/protocol/http/mock-scenario.ts';
import { shownValue, typedValue } from './scenario-values.ts';

type Control = HTMLInputElement | HTMLSelectElement;

/** One value of a scenario, with its label and what it means. */
export class ScenarioField {
  readonly key: ScenarioKey;
  readonly element: HTMLElement;
  readonly #control: Control;

  /** @param label - the key without that of its section */
  constructor(key: ScenarioKey, label: string) {
    this.key = key;
    this.#control = controlFor(key);
    this.#control.id = `trouble-${key.key.replaceAll('.', '-')}`;
    this.element = key.field === 'flag' ? this.#check(label) : this.#field(label);
  }

  get value(): unknown {
    const control = this.#control;
    if (control instanceof HTMLInputElement && control.type === 'checkbox') return control.checked;
    // A browser gives no text of what is no number.
    if (control.validity.badInput) return 'no number';
    return typedValue(control.value, this.key.field);
  }

  show(value: unknown): void {
    const control = this.#control;
    if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = value === true;
    else control.value = shownValue(value, this.key.field);
    this.mark(false);
  }

  /** Whether the server took the value. */
  mark(wrong: boolean): void {
    if (wrong) this.#control.setAttribute('aria-invalid', 'true');
    else this.#control.removeAttribute('aria-invalid');
  }

  focus(): void {
    this.#control.focus();
  }

  #field(label: string): HTMLElement {
    const field = element('div', 'field');
    const { unit = '', description } = this.key;
    // "dies at frame" needs no "frames".
    const said = label.includes(unit.replace(/s$/, ''));
    const name = element('label', '', said ? label : `${label} (${unit})`);
    name.setAttribute('for', this.#control.id);
    const hint = element('p', 'small', plain(description));
    hint.id = `${this.#control.id}-hint`;
    this.#control.setAttribute('aria-describedby', hint.id);
    field.append(name, this.#control, hint);
    return field;
  }

  #check(label: string): HTMLElement {
    const check = element('label', 'check');
    const words = element('span', '', `${label}: ${plain(this.key.description)}`);
    check.append(this.#control, words);
    return check;
  }
}

function controlFor({ field, choices = [], takes }: ScenarioKey): Control {
  if (field === 'choice') {
    const select = document.createElement('select');
    select.append(...choices.map((choice) => new Option(choice, choice)));
    return select;
  }
  const input = document.createElement('input');
  input.type = field === 'number' ? 'number' : field === 'flag' ? 'checkbox' : 'text';
  if (field === 'number') input.step = takes.includes('whole') ? '1' : 'any';
  if (field === 'list') input.placeholder = 'parted by commas';
  return input;
}

/** Descriptions are written for a page that shows names in a fixed width. */
function plain(description: string): string {
  return description.replaceAll('`', '');
}

export function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}
