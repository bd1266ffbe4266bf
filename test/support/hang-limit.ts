/**
 * How long a test waits for what has to come, in milliseconds. It is there to end a hang with words, never to say how
 * fast something is: machines that run tests may be a hundred times slower than the one on which they were written.
 */
export const hangLimitMs = 240_000;
