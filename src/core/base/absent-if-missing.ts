import { systemErrorCode } from './errors.ts';

/** Undefined where the file is not there. */
export async function absentIfMissing<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
