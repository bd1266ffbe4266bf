import { requiredFields, type ServerFrame } from './frames.ts';

export type ParsedFrame =
  | { readonly ok: true; readonly frame: ServerFrame }
  /** `problem` is one line for people. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads one text frame of a server: its `type` must be a known one, and the fields that this type must have must be there
 * with their types. Further fields stay. Never throws.
 */
export function parseServerFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { ok: false, problem: 'not a JSON object' };
  const fields = value as Readonly<Record<string, unknown>>;
  const { type } = fields;
  if (typeof type !== 'string') return { ok: false, problem: '"type" is missing or not a string' };
  if (!Object.hasOwn(requiredFields, type)) {
    return { ok: false, problem: `unknown type ${JSON.stringify(type.slice(0, 60))}` };
  }
  const required = requiredFields[type as ServerFrame['type']];
  for (const [field, expected] of Object.entries(required)) {
    const found = fields[field];
    if (typeof found === expected && found !== null) continue;
    return { ok: false, problem: `${type}: "${field}" is missing or not of the type ${expected}` };
  }
  return { ok: true, frame: value as ServerFrame };
}
