interface Wish {
  /** Rows there are. */
  readonly rows: number;
  /** A larger weight gets more where not all fit. */
  readonly weight: number;
}

/** Shares the rows of the screen: each list one at least, none more than it has, the rest by weight. */
export function shareRows(wishes: readonly Wish[], available: number): number[] {
  const given = wishes.map(() => 1);
  let rest = available - wishes.length;
  while (rest > 0) {
    let poorest: number | undefined;
    wishes.forEach(({ rows, weight }, index) => {
      const share = (given[index] ?? 0) / weight;
      if ((given[index] ?? 0) >= rows) return;
      const least = poorest === undefined ? Infinity : (given[poorest] ?? 0) / (wishes[poorest]?.weight ?? 1);
      if (share < least) poorest = index;
    });
    if (poorest === undefined) break;
    given[poorest] = (given[poorest] ?? 0) + 1;
    rest -= 1;
  }
  return given;
}
