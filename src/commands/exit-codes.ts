/** The exit codes of a command and what each means, in ascending order. */
export type ExitCodes = readonly (readonly [code: number, meaning: string])[];

/** The codes of all commands together, as docs/operations.md has them. */
export const allExitCodes: ExitCodes = [
  [0, 'done'],
  [
    1,
    'failed: the server is away, the port is taken, a provider or an encoder fails, an output cannot be written',
  ],
  [
    2,
    'wrong usage: an option, a config key, no prompt, or a file to read that is missing or not what its option takes',
  ],
  [3, 'a prompt was blocked (stream --on-error skip continues and ends with 0)'],
  [130, 'interrupted'],
];

interface ExitMeanings {
  readonly done: string;
  readonly failed: string;
  readonly usage: string;
  /** Unset: the command has nothing that can be blocked. */
  readonly blocked?: string;
  /** Unset: the command ends too soon to be interrupted. */
  readonly interrupted?: string;
}

/** The codes of one command. */
export function exitCodes({ done, failed, usage, blocked, interrupted }: ExitMeanings): ExitCodes {
  const codes = [
    [0, done],
    [1, failed],
    [2, usage],
    [3, blocked],
    [130, interrupted],
  ] as const;
  return codes.flatMap(([code, meaning]) => (meaning === undefined ? [] : [[code, meaning] as const]));
}

/** Of `serve`, `mock` and `router`. */
export const serverExitCodes = exitCodes({
  done: 'stopped by SIGTERM; with --check or --print-config: the config is valid',
  failed: 'the start failed, e.g. the port is taken; or a bug ended the server',
  usage: 'wrong usage: an option, a config key, or a file to read that is missing or unfit',
  interrupted: 'stopped by Ctrl-C (with --dashboard 0, as with q)',
});
