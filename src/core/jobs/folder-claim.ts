import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { absentIfMissing } from '../base/absent-if-missing.ts';
import { systemErrorCode } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import { hasEnded, ownMark } from '../base/scratch/process-mark.ts';

const ClaimSchema = z.object({ realm: z.string(), pid: z.int(), started: z.number() });
type Claim = z.infer<typeof ClaimSchema>;

const name = 'server.json';

/** How often a server shows that it is there: to those that cannot see its process. */
export const claimEveryMs = 15_000;
const abandonedAfterMs = 4 * claimEveryMs;

/**
 * Makes the folder this server's: two would make the same jobs. Gives the process id of the server that has it, where that
 * may still run. Throws the system's error.
 */
export async function claimFolder(directory: string): Promise<number | undefined> {
  const path = join(directory, name);
  for (;;) {
    if (await writeClaim(path)) return undefined;
    const holder = await holderOf(path);
    if (holder !== undefined) return holder;
    await rm(path, { force: true });
  }
}

/** To be called every `claimEveryMs`. Throws the system's error. */
export async function renewClaim(directory: string): Promise<void> {
  await utimes(join(directory, name), new Date(), new Date());
}

export async function releaseFolder(directory: string): Promise<void> {
  await rm(join(directory, name), { force: true });
}

/** Whether nobody else had one. */
async function writeClaim(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(ownMark() satisfies Claim));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The process id of a server that may still run. */
async function holderOf(path: string): Promise<number | undefined> {
  const text = (await absentIfMissing(() => readFile(path, 'utf8'))) ?? '';
  // None where its server died over it.
  const claim = ClaimSchema.safeParse(parseJson(text)).data;
  const found = await absentIfMissing(() => stat(path));
  if (!claim || !found) return undefined;
  const ended = hasEnded(claim, ownMark()) ?? found.mtimeMs + abandonedAfterMs < Date.now();
  return ended ? undefined : claim.pid;
}
