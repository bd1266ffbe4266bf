import fc from 'fast-check';
import { anyText, oddValue, written } from './odd.ts';

const changes = ['replace', 'remove', 'add', 'repeat', 'wrap', 'rename'] as const;

interface Change {
  readonly kind: (typeof changes)[number];
  /** Which of the value's members, counted through all of it. */
  readonly at: number;
  readonly value: unknown;
  readonly name: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...changes),
  at: fc.nat({ max: 10_000 }),
  value: oddValue,
  name: anyText,
});

/** The value with up to three of its members, wherever they are, replaced, left out, added, repeated or moved. */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(valid, fc.array(change, { maxLength: 3 })).map(([value, list]) => {
    const holder = { value: structuredClone(value) };
    // What is put in may be changed by the next change, and must not be the same value a second time.
    for (const one of list) apply(holder, { ...one, value: structuredClone(one.value) });
    return holder.value;
  });
}

/** The same as JSON text, which may be broken too: cut off, with a member twice, or with something behind it. */
export function mutatedJson(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = mutated(valid).map(written);
  const broken = fc.tuple(text, fc.nat({ max: 1000 }), anyText).map(([whole, at, other]) => {
    const cut = Math.floor((whole.length * at) / 1000);
    return at % 2 === 0
      ? `${whole.slice(0, cut)}${other}`
      : `${whole.slice(0, cut)}${other}${whole.slice(cut)}`;
  });
  const odd = fc.oneof(
    broken,
    oddValue.map(written),
    deep,
    text.map((whole) => `\ufeff${whole}`),
    text.map((whole) => whole.replace(/^\{/, '{"__proto__":{"type":"leave"},"type":"leave",')),
  );
  const any = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: odd });
  return any.map((whole) => whole.slice(0, mostChars));
}

/** Deeper than anything can be walked. */
const deep = fc
  .tuple(
    fc.constantFrom('[', '{"type":', '{"type":"session_init_v2","x":[', '"\\'),
    fc.constantFrom(200, 5000, 100_000),
  )
  .map(([unit, times]) => unit.repeat(times));

/** A member of an array or an object, by its key. */
interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

const mostPlaces = 2000;
/** A list of lists may come to hundreds of megabytes, which no connection lets through. */
const mostChars = 8 * 2 ** 20;

function placesIn(holder: object): Place[] {
  const places: Place[] = [];
  const open: object[] = [holder];
  for (let parent = open.shift(); parent && places.length < mostPlaces; parent = open.shift()) {
    for (const [key, value] of Object.entries(parent).slice(0, mostPlaces)) {
      places.push({ parent: parent as Record<string, unknown>, key });
      if (typeof value === 'object' && value !== null) open.push(value as object);
    }
  }
  return places;
}

function apply(holder: object, { kind, at, value, name }: Change): void {
  const places = placesIn(holder);
  // The whole value, and the type that says which message it is, are let be for the most part: readers look there first.
  const inner = places.filter((place, index) => index > 0 && place.key !== 'type');
  const chosen = at % 10 === 0 || inner.length === 0 ? places : inner;
  const place = chosen[at % chosen.length];
  if (!place) return;
  const { parent, key } = place;
  const before = parent[key];
  if (kind === 'replace') parent[key] = value;
  else if (kind === 'remove') delete parent[key];
  else if (kind === 'add') define(parent, name, value);
  else if (kind === 'repeat') parent[key] = Array<unknown>(timesOf(before, at)).fill(before);
  else if (kind === 'wrap') parent[key] = at % 2 === 0 ? [before] : { [key]: before };
  else {
    delete parent[key];
    define(parent, name, before);
  }
}

/** Characters that a repeated value may have: no server reads much more. */
const mostRepeatedChars = 4_000_000;

function timesOf(value: unknown, at: number): number {
  const chars = JSON.stringify(value)?.length ?? 1;
  return Math.max(1, Math.min(1 + (at % 50), Math.floor(mostRepeatedChars / chars)));
}

/** `__proto__` is a member like any other here. */
function define(parent: object, key: string, value: unknown): void {
  if (Array.isArray(parent)) parent.push(value);
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}
