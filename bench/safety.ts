import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClassifier } from '../src/core/safety/classifiers/open-classifier.ts';
import { repositoryRoot } from '../test/support/server-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const lineCount = 100_000;
const runs = 3;
const fixture = (name: string) => join(repositoryRoot, 'fixtures/safety', name);
const models = { fastText: fixture('sentences.bin'), 'ONNX and tokenizer': fixture('tokens/model.onnx') };

/** `fastvideo safety-check` from file to file, beside the bare classifier in this process in batches of 64. */
export async function benchSafety(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  try {
    const lines = Array.from(
      { length: lineCount },
      (_, index) => `a quiet lake at dawn with mist over the water, take ${index}`,
    );
    const input = join(directory, 'prompts.txt');
    await writeFile(input, `${lines.join('\n')}\n`);
    const rows = [];
    for (const [name, path] of Object.entries(models)) {
      const bare: number[] = [];
      const ours: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        bare.push(await bareRate(path, lines));
        ours.push(await commandRate(path, input, join(directory, 'out.jsonl')));
      }
      rows.push([name, median(bare), median(ours), median(ours) / median(bare)]);
    }
    printTable(
      `safety-check, ${lineCount} lines, median of ${runs} (lines/s; the command with the start of Node and the load of the model)`,
      ['model', 'bare classifier', 'fastvideo safety-check', 'ratio'],
      rows,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function bareRate(path: string, lines: readonly string[]): Promise<number> {
  const classifier = await openClassifier({ path, threshold: 0.5, activation: 'auto' });
  const startedAt = performance.now();
  for (let start = 0; start < lines.length; start += 64)
    await classifier.score(lines.slice(start, start + 64));
  return (lines.length * 1000) / (performance.now() - startedAt);
}

async function commandRate(path: string, inputPath: string, outputPath: string): Promise<number> {
  const input = await open(inputPath, 'r');
  const output = await open(outputPath, 'w');
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const startedAt = performance.now();
  const args = [bin, 'safety-check', '--classifier', path];
  const [code] = await once(
    spawn(process.execPath, args, { stdio: [input.fd, output.fd, 'inherit'] }),
    'exit',
  );
  const milliseconds = performance.now() - startedAt;
  await input.close();
  await output.close();
  if (code !== 0) throw new Error(`fastvideo safety-check ended with ${code}`);
  return (lineCount * 1000) / milliseconds;
}
