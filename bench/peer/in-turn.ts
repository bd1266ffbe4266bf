/** Runs all of them in turn, so many times, every other time in reverse: what the machine does besides meets each alike. */
export async function inTurn(rounds: number, runs: readonly (() => Promise<void>)[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run();
  }
}
