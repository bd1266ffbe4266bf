import { runs } from './exec-programs.ts';

const warmup = (seconds: number) => ['--streaming.warmup.timeout_seconds', String(seconds)];
const trial = (prompt: string) => ['--streaming.warmup.enabled', 'true', '--streaming.warmup.prompt', prompt];

/** What is wrong with a worker program, the arguments that run it, and the last line that `serve` writes. */
export const failedStarts: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'exits at once',
    runs('frames-worker', 'exits'),
    /^fastvideo: The worker program ".* exits" exited with code 3: No GPU is free on this machine$/,
  ],
  ['refuses to start', runs('frames-worker', 'refuses'), /^fastvideo: There is no paint; buy some\.$/],
  [
    'speaks another version',
    runs('frames-worker', 'wrong-protocol'),
    /^fastvideo: The worker program ".*" speaks worker protocol 2; this server speaks 1\.$/,
  ],
  [
    'is never ready',
    [...runs('frames-worker', 'never-ready', 'stays'), ...warmup(2)],
    /^fastvideo: Worker worker-0 was not ready within 2 s\.$/,
  ],
  [
    'prints to its stdout',
    runs('frames-worker', 'garbage'),
    /^fastvideo: The worker program ".*" wrote something that is not a message \(A message of .* is over the limit\.\)\.$/,
  ],
  [
    'sends what there is not',
    runs('frames-worker', 'nonsense'),
    /^fastvideo: The worker program ".*" wrote something that is not a message \("hello": .*\)\.$/,
  ],
  [
    'fails in its trial segments',
    [...runs('frames-worker'), ...trial('dies')],
    /^fastvideo: The warm-up of worker worker-0 failed: .* exited with code 7: CUDA error: an illegal memory access$/,
  ],
];
