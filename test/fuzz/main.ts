import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import setUpRun from '../support/run/global-setup.ts';
import { fuzz, narrow, replay, type Saved } from './fuzz.ts';
import type { Target } from './target.ts';
import { targets } from './targets/index.ts';

const help = `npm run fuzz -- [--seed N] [--minutes M] [--targets a,b] [--replay FILE]

Feeds what a stranger may send to the parts of the product, until the time is over or something is found: valid messages
with wrong types, huge counts, deep nesting, odd Unicode and numbers at the edges, and bytes that are no messages at all.
After each batch the servers must live, answer /healthz within 2 s (longer only as far as the machine is busy), tell of
no fault of their own, and make the next segment of an honest session; when the strangers have gone, sessions and memory
must be let go. Ends with 1 when something is found, and says the seed, the target and the file of the inputs.

  --seed     the same seed feeds the same inputs in the same order; default: one that is printed
  --minutes  how long; default 10
  --targets  some of these, parted by commas; default all:
${targets.map(({ name, about }) => `               ${name.padEnd(10)} ${about}`).join('\n')}
  --replay   feeds the inputs of a file once

Examples:
  $ npm run fuzz
  $ npm run fuzz -- --seed 7 --minutes 60
  $ npm run fuzz -- --targets mp4,config --minutes 2
  $ npm run fuzz -- --replay fuzz-mp4-7-12.json`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '10' },
    targets: { type: 'string', default: targets.map(({ name }) => name).join(',') },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(help);
else {
  // Findings stay; what the servers leave there goes with the run, and they with this process, however it ends.
  const findings = tmpdir();
  const tearDown = setUpRun();
  await (values.replay === undefined ? search(findings) : again(values.replay));
  await tearDown?.();
}

async function search(findings: string): Promise<void> {
  const started = Date.now();
  const say = (line: string) =>
    console.log(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  const seed = numberOf('seed', values.seed);
  const forMs = numberOf('minutes', values.minutes) * 60_000;
  const chosen = values.targets.split(',').map(targetOf);
  say(`seed ${seed}, targets ${values.targets}`);
  const folder = mkdtempSync(join(findings, 'fastvideo-fuzz-'));
  const report = await fuzz({ seed, targets: chosen, forMs, folder, onProgress: say });
  say(`fed ${JSON.stringify(report.fed)}`);
  const { finding } = report;
  if (!finding) {
    say('found nothing');
    rmSync(folder, { recursive: true });
    return;
  }
  const { saved, path, message } = finding;
  process.exitCode = 1;
  console.log(`FOUND with seed ${seed}, target ${saved.target}, round ${saved.round}:\n${message}`);
  const few = await narrow(targetOf(saved.target), saved.inputs);
  await writeFile(path, JSON.stringify({ ...saved, inputs: few }));
  console.log(
    few.length === 1
      ? `One input is enough: ${JSON.stringify(few[0]).slice(0, 500)}`
      : 'No input alone is enough.',
  );
  console.log(`Replay it: npm run fuzz -- --replay ${path}`);
}

async function again(path: string): Promise<void> {
  const saved = JSON.parse(await readFile(path, 'utf8')) as Saved;
  const message = await replay(targetOf(saved.target), saved.inputs);
  console.log(message === undefined ? 'found nothing' : `FOUND at target ${saved.target}:\n${message}`);
  if (message !== undefined) process.exitCode = 1;
}

function targetOf(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found) return found;
  throw new Error(
    `There is no target "${name}". Targets are ${targets.map((target) => target.name).join(', ')}.`,
  );
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number, not "${text}".`);
  return value;
}
