import { errorMessage, FastVideoError, toFastVideoError } from './errors.ts';

/** Characters of one text; what is longer helps no client. */
const longest = 4096;

const hidden = '[path]';

/** In quotes a path may hold spaces. */
const quotedPath = /(['"`])(?:file:)?(?:\.{1,2}|~|[A-Za-z]:)?[\\/][^'"`\n]*\1/g;
/** Not within a URL, a fraction or `and/or`. */
const barePath =
  /(?<![\w.\\/-])(?:file:\/{0,2})?(?:\.{1,2}|~|[A-Za-z]:)?[\\/](?![\\/])[^\s'"`,;()<>[\]{}|]+/g;
/** Without a slash in front: what ends like the name of a file. */
const relativePath = /(?<![\w.\\/-])(?:[\w.-]+\/)+[\w.-]+\.[A-Za-z]\w{0,7}(?![\w/])/g;

/** The text without the paths of this machine, which are nobody's business but its operator's: the log has them. */
export function clientText(text: string): string {
  const bounded = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return bounded.replace(quotedPath, hidden).replace(barePath, hidden).replace(relativePath, hidden);
}

/** What a client is told of an error. Of one that nobody expected only that there was one. */
export function clientMessage(error: unknown): string {
  const known = toFastVideoError(error);
  const unexpected = !(error instanceof FastVideoError) || isUnexpected(known);
  return unexpected ? known.entry.message : clientText(known.message);
}

/** Whether it is a wrapper whose words are those of whatever was thrown. */
function isUnexpected({ code, message, cause }: FastVideoError): boolean {
  return (
    code === 'internal_error' &&
    cause !== undefined &&
    !(cause instanceof FastVideoError) &&
    message === errorMessage(cause)
  );
}
