import type { z } from 'zod';
import { exceedsJsonBounds } from '../../base/json-bounds.ts';
import { withoutSteering } from '../../base/terminal-text.ts';
import { type ClientFrame, ClientFrameSchema } from './client-frames.ts';
import { type ServerFrame, ServerFrameSchema } from './server-frames.ts';

const byteOrderMark = '\ufeff';

export type Parsed<Frame> =
  | { readonly ok: true; readonly frame: Frame }
  /** `problem` is one line for people. `type` is the frame's own, where it could be read. */
  | { readonly ok: false; readonly problem: string; readonly type?: string };

/** Reads one text frame of a client. Never throws. */
export function parseClientFrame(text: string): Parsed<ClientFrame> {
  return parseFrame(text, ClientFrameSchema);
}

/** Reads one text frame of a server. Never throws. */
export function parseServerFrame(text: string): Parsed<ServerFrame> {
  return parseFrame(text, ServerFrameSchema);
}

/** Reads one text frame by its schema. Never throws. */
export function parseFrame<Frame>(text: string, schema: z.ZodType<Frame>): Parsed<Frame> {
  if (exceedsJsonBounds(text)) return { ok: false, problem: 'JSON of too many or too deeply nested parts' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      ok: false,
      problem: text.startsWith(byteOrderMark) ? 'not JSON: it begins with a byte order mark' : 'not JSON',
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problem: 'not a JSON object' };
  }
  const type = 'type' in value && typeof value.type === 'string' ? value.type : undefined;
  if (type === undefined) return { ok: false, problem: '"type" is missing or not a string' };
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, frame: result.data };
  return { ok: false, problem: describeIssues(result.error, type), type };
}

function describeIssues(error: z.ZodError, type: string): string {
  if (error.issues.some((issue) => issue.code === 'invalid_union' && issue.path[0] === 'type')) {
    return `unknown type ${quoted(type)}`;
  }
  const problems = error.issues.map((issue) => {
    // A key may be anything that the sender made up.
    const where = quoted(issue.path.map(String).join('.')).slice(1, -1);
    return `${where}: ${issue.message}`;
  });
  return `${type}: ${problems.slice(0, 5).join('; ')}`;
}

/** In quotes, on one line. */
function quoted(text: string): string {
  return withoutSteering(JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text));
}
