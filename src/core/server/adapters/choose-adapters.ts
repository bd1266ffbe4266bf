import type { AdapterConfig } from '../../base/config/serve-schema/adapters.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { AdapterSelection } from '../../generators/adapters/selection.ts';
import type { LoraChoice } from '../../protocol/lora.ts';

/** What a choice comes to here. */
export interface ChosenAdapters {
  /** The base adapter first, then the styles as they were named; nothing of no strength. */
  readonly selection: AdapterSelection;
  /** Of the base adapter, 0 to 1. */
  readonly strength: number;
  /** Styles of some strength, by name. */
  readonly styles: Readonly<Record<string, number>>;
  /** Whether an adapter is meant at all, if only to be taken off. */
  readonly namesAny: boolean;
}

/**
 * Numbers beyond 0 and 1 are cut, names are taken in any case, and `none` stands for no style, as in FastVideo's own server.
 * Throws `invalid_message` for a style that is not declared.
 */
export function chooseAdapters(choice: LoraChoice, declared: readonly AdapterConfig[]): ChosenAdapters {
  const strength = cut(choice.strength ?? 1);
  const base = declared.find((adapter) => adapter.base);
  const styles = stylesOf(declared);
  const asked = new Map<string, number>();
  for (const [given, intensity] of Object.entries(askedStyles(choice))) {
    const name = given.trim().toLowerCase();
    if (name === '' || name === 'none') continue;
    if (!styles.some((style) => style.name === name)) throw unknownStyle(name, styles);
    asked.set(name, cut(intensity));
  }
  const chosen = [...asked].filter(([, intensity]) => intensity > 0);
  return {
    selection: [
      ...(base && strength > 0 ? [{ name: base.name, strength }] : []),
      ...chosen.map(([name, intensity]) => ({ name, strength: intensity })),
    ],
    strength,
    styles: Object.fromEntries(chosen),
    namesAny: base !== undefined || asked.size > 0,
  };
}

/** What the server applies from its start on. */
export function adaptersAtStart(declared: readonly AdapterConfig[]): AdapterSelection {
  return declared
    .filter(({ strength }) => strength > 0)
    .toSorted((one, other) => Number(other.base) - Number(one.base))
    .map(({ name, strength }) => ({ name, strength }));
}

/** Throws `preset_mismatch` where a session that comes from elsewhere chose adapters that are not declared here. */
export function checkRestoredAdapters(
  adapters: AdapterSelection | null | undefined,
  declared: readonly AdapterConfig[],
): void {
  const foreign = adapters?.find(({ name }) => !declared.some((adapter) => adapter.name === name));
  if (!foreign) return;
  const message = `The session chose the adapter "${foreign.name.slice(0, 80)}", which this server does not have.`;
  throw new FastVideoError('preset_mismatch', message);
}

export function stylesOf(declared: readonly AdapterConfig[]): readonly AdapterConfig[] {
  return declared.filter(({ base }) => !base);
}

function askedStyles({ styles, style }: LoraChoice): Readonly<Record<string, number>> {
  if (styles && Object.keys(styles).length > 0) return styles;
  return style ? { [style]: 1 } : {};
}

function unknownStyle(name: string, styles: readonly AdapterConfig[]): FastVideoError {
  const has = styles.length === 0 ? 'it has none' : `it has ${styles.map((style) => style.name).join(', ')}`;
  return new FastVideoError(
    'invalid_message',
    `Unknown style for active model: ${name.slice(0, 80)}; ${has}.`,
    { retryable: false },
  );
}

function cut(strength: number): number {
  return Math.min(1, Math.max(0, strength));
}
