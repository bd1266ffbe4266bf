import { errorMessage, systemErrorCode } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EEXIST: 'it is a file',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'its disk is full',
  ENOTDIR: 'a part of this path is a file',
  EROFS: 'its disk is read-only',
};

/** Why a path that the user named could not be read or written, to stand behind the path; no full stop. */
export function systemReason(error: unknown): string {
  return reasons[systemErrorCode(error) ?? ''] ?? errorMessage(error);
}
