/** Adapters by name, and how strongly each is applied (0 to 1), in the order in which they are merged. Empty: none. */
export type AdapterSelection = readonly {
  readonly name: string;
  readonly strength: number;
}[];

export function sameSelection(one: AdapterSelection, other: AdapterSelection): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, strength }, index) => {
      const at = other[index];
      return at?.name === name && at.strength === strength;
    })
  );
}
