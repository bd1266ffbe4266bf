import type { ScenarioKey } from '../src/core/protocol/http/mock-scenario.ts';
import type { Scenario } from './mock-scenarios.ts';

/** The value at a dotted key. */
export function valueAt(scenario: Scenario, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => {
    return typeof value === 'object' && value !== null ? (value as Scenario)[part] : undefined;
  }, scenario);
}

/** A scenario of dotted keys and their values. */
export function scenarioOf(values: ReadonlyMap<string, unknown>): Scenario {
  const scenario: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const parts = key.split('.');
    const last = parts.pop() ?? '';
    let section = scenario;
    for (const part of parts) {
      section[part] ??= {};
      section = section[part] as Record<string, unknown>;
    }
    section[last] = value;
  }
  return scenario;
}

/** How a value stands in a text field. */
export function shownValue(value: unknown, field: ScenarioKey['field']): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return field === 'sessions' ? `[${value.join(', ')}]` : value.join(', ');
  return String(value);
}

/** What stands in a text field; undefined when it is empty. The server says what is wrong with it. */
export function typedValue(text: string, field: ScenarioKey['field']): unknown {
  const trimmed = text.trim();
  if (field === 'list') return parts(trimmed);
  if (trimmed === '') return undefined;
  if (field === 'number') return numberOr(trimmed);
  if (field !== 'sessions') return trimmed;
  const list = /^\[(.*)\]$/.exec(trimmed)?.[1] ?? (trimmed.includes(',') ? trimmed : undefined);
  return list === undefined ? numberOr(trimmed) : parts(list).map(numberOr);
}

function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function numberOr(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

export function isDefault(value: unknown, key: ScenarioKey): boolean {
  return JSON.stringify(value) === JSON.stringify(key.default);
}
