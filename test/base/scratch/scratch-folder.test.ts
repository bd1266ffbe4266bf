import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderPrefix, leftAfterMs } from '../../../src/core/base/scratch/left-folders.ts';
import { ownMark } from '../../../src/core/base/scratch/process-mark.ts';
import { ScratchFolder } from '../../../src/core/base/scratch/scratch-folder.ts';

const logger = pino({ level: 'silent' });
const bytes = new Uint8Array([1, 2, 3]);

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'scratch-test-'));
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = fork('-', { execArgv: ['-e', ''], stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function folder(name: string, ageMs = 0): Promise<void> {
  const path = join(parent, name);
  await mkdir(path, { mode: 0o700 });
  await writeFile(join(path, 'left.png'), bytes);
  const time = new Date(Date.now() - ageMs);
  await utimes(path, time, time);
}

describe('the folder for temporary files', () => {
  it('is made with the first file, for this user alone, and goes at the end', async () => {
    const scratch = new ScratchFolder(logger, parent);
    await scratch.start();
    expect(await readdir(parent)).toEqual([]);
    const [one, other] = await Promise.all([scratch.write(bytes, 'png'), scratch.write(bytes, 'jpg')]);
    expect(dirname(one.path)).toBe(dirname(other.path));
    expect((await stat(dirname(one.path))).mode & 0o777).toBe(0o700);
    expect((await stat(one.path)).mode & 0o777).toBe(0o600);
    await scratch.stop();
    expect(await readdir(parent)).toEqual([]);
  });

  it('keeps nothing of a file that could not be written whole', async () => {
    const scratch = new ScratchFolder(logger, parent);
    const { path } = await scratch.write(bytes, 'png');
    const disk = (async function* () {
      yield bytes;
      throw new Error('ENOSPC');
    })();
    // The system takes its bytes as they come; the type has no need to say so.
    await expect(scratch.write(disk as unknown as Uint8Array, 'png')).rejects.toThrow('ENOSPC');
    expect(await readdir(dirname(path))).toHaveLength(1);
    await scratch.stop();
  });

  it('is made anew when somebody has removed it', async () => {
    const scratch = new ScratchFolder(logger, parent);
    const { path } = await scratch.write(bytes, 'png');
    await rm(dirname(path), { recursive: true });
    const again = await scratch.write(bytes, 'png');
    expect((await stat(again.path)).size).toBe(3);
    await scratch.stop();
    expect(await readdir(parent)).toEqual([]);
  });

  it('fails with the reason of the system where there can be none, and is made once there can', async () => {
    const absent = join(parent, 'later');
    const scratch = new ScratchFolder(logger, absent);
    await scratch.start();
    await expect(scratch.write(bytes, 'png')).rejects.toThrow('ENOENT');
    await mkdir(absent);
    await scratch.write(bytes, 'png');
    await scratch.stop();
    expect(await readdir(absent)).toEqual([]);
  });
});

describe('what processes have left', () => {
  const own = ownMark();
  const named = (changes: object) => `${folderPrefix({ ...own, ...changes })}AbCd01`;

  it('is removed at the start: folders of processes that have ended', async () => {
    await folder(named({ pid: await endedPid() }));
    // The id has been given to another process since.
    await folder(named({ started: own.started + 1 }));
    // One that cannot be looked for, and has not touched its folder.
    await folder(named({ realm: '0123456789ab' }), leftAfterMs + 60_000);
    await new ScratchFolder(logger, parent).start();
    expect(await readdir(parent)).toEqual([]);
  });

  it('is told from what others need', async () => {
    const kept = [named({}), named({ realm: '0123456789ab' }), 'fastvideo-mine', named({ pid: 'x' })];
    for (const name of kept) await folder(name, name === named({}) ? leftAfterMs * 10 : 0);
    const elsewhere = join(parent, 'fastvideo-mine');
    const link = named({ pid: await endedPid() });
    await symlink(elsewhere, join(parent, link));
    await new ScratchFolder(logger, parent).start();
    expect((await readdir(parent)).sort()).toEqual([...kept, link].sort());
    expect(await readdir(elsewhere)).toEqual(['left.png']);
  });
});
