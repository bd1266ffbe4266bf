/** What stops a benchmark and is the machine's or the caller's: told in one line. */
export class BenchError extends Error {}
