import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Field } from './field.ts';
import { Finding, type OpenTarget, type Target } from './target.ts';
import { watchdog } from './watchdog.ts';

/** Inputs as they are saved: `--replay` feeds them again. */
export interface Saved {
  readonly target: string;
  readonly seed: number;
  readonly round: number;
  readonly inputs: readonly unknown[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly targets: readonly Target[];
  /** No round begins after so many milliseconds. */
  readonly forMs: number;
  /** Where inputs are saved. */
  readonly folder: string;
  readonly onProgress?: (line: string) => void;
}

export interface FuzzReport {
  /** Inputs fed, by target. */
  readonly fed: Readonly<Record<string, number>>;
  readonly finding?: { readonly message: string; readonly saved: Saved; readonly path: string };
}

/**
 * Feeds the targets in turn, a batch each, until the time is over or something is found. The same seed feeds the same
 * inputs in the same order, but for what they take from the servers.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, targets, forMs, folder, onProgress } = options;
  const end = Date.now() + forMs;
  const fed: Record<string, number> = {};
  using dog = watchdog();
  await using field = new Field();
  const open = new Map<Target, OpenTarget>();
  try {
    for (let round = 0; round === 0 || Date.now() < end; round += 1) {
      for (const target of targets) {
        if (round > 0 && Date.now() > end) break;
        const opened = open.get(target) ?? (await target.open(field));
        open.set(target, opened);
        const inputs = fc.sample(opened.inputs, { seed: seedOf(seed, round), numRuns: target.batch });
        const saved = { target: target.name, seed, round, inputs };
        const path = join(folder, `fuzz-${target.name}-${seed}-${round}.json`);
        // Before they are fed: whatever becomes of this process, they are there.
        dog.feeds(`${target.name}, seed ${seed}, round ${round}`, path, JSON.stringify(saved));
        const message = await feed(opened, field, inputs);
        dog.fed();
        fed[target.name] = (fed[target.name] ?? 0) + inputs.length;
        if (message !== undefined) {
          await writeFile(path, JSON.stringify(saved));
          return { fed, finding: { message, saved, path } };
        }
      }
      onProgress?.(`round ${round}: ${JSON.stringify(fed)}`);
    }
    return { fed };
  } finally {
    for (const opened of open.values()) await opened[Symbol.asyncDispose]();
  }
}

/** No two seeds feed the same in different rounds. */
function seedOf(seed: number, round: number): number {
  return (Math.imul(seed, 0x9e3779b1) + round) | 0;
}

/** The first of the inputs that is enough for a finding, fed one by one to servers of their own; all where none is. */
export async function narrow(target: Target, inputs: readonly unknown[]): Promise<readonly unknown[]> {
  await using field = new Field();
  await using opened = await target.open(field);
  for (const input of inputs) {
    if ((await feed(opened, field, [input])) !== undefined) return [input];
  }
  return inputs;
}

/** Feeds inputs to servers of their own; gives what was found. */
export async function replay(target: Target, inputs: readonly unknown[]): Promise<string | undefined> {
  await using field = new Field();
  await using opened = await target.open(field);
  return await feed(opened, field, inputs);
}

async function feed(
  target: OpenTarget,
  field: Field,
  inputs: readonly unknown[],
): Promise<string | undefined> {
  try {
    await target.feed(inputs);
    await field.settled();
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return error.message;
    throw error;
  }
}
