import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** What a reader needs to know of where and when it was measured; the load is told when a run begins and ends. */
export function machineLine(ffmpeg: string, python: string): string {
  const [model] = cpus();
  const first = (program: string) =>
    spawnSync(program, ['-version'], { encoding: 'utf8' }).stdout.split(' ')[2];
  const pythonVersion = spawnSync(python, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const date = new Date().toISOString().slice(0, 10);
  return [
    `${date}, ${cpus().length} cores (${model?.model.trim()})`,
    `Node ${process.version.slice(1)}, ffmpeg ${first(ffmpeg)}, ${pythonVersion}`,
  ].join('; ');
}

/** The load averages of 1, 5 and 15 minutes. */
export function loadLine(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(', ');
}
