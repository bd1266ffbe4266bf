import { z } from 'zod';
import { type Schema, unwrap } from './schema-tree.ts';

/** What a key takes, in words that follow "must be": `a whole number from 0 to 65535`. */
export function expectation(schema: Schema): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) return numberExpectation(inner);
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => JSON.stringify(option)).join(' or ');
  if (inner instanceof z.ZodUnion) return inner.options.map((option) => expectation(option)).join(', or ');
  if (inner instanceof z.ZodString) return textExpectation(inner.minLength ?? 0);
  if (inner instanceof z.ZodArray) return `a list in which each item is ${expectation(inner.element)}`;
  if (inner instanceof z.ZodObject)
    return `a mapping with keys such as ${Object.keys(inner.shape).join(', ')}`;
  return 'a mapping';
}

function textExpectation(minLength: number): string {
  if (minLength > 1) return `a text of at least ${minLength} characters`;
  return minLength === 1 ? 'a text that is not empty' : 'a text';
}

function numberExpectation(schema: z.ZodNumber): string {
  const whole = schema.format === 'safeint';
  const step = stepOf(schema);
  const noun = whole ? `${step === 2 ? 'an even' : 'a'} whole number` : 'a number';
  const min = bound(schema.minValue);
  const max = bound(schema.maxValue);
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun}, at least ${min}`;
  if (max !== undefined) return `${noun}, at most ${max}`;
  return noun;
}

function bound(value: number | null): number | undefined {
  return value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function stepOf(schema: z.ZodNumber): number | undefined {
  for (const check of schema.def.checks ?? []) {
    const { def } = check._zod;
    if (def.check === 'multiple_of' && 'value' in def && typeof def.value === 'number') return def.value;
  }
  return undefined;
}
