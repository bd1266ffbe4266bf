/** Members of a continuation state's payload that are longer than this travel and are kept apart from the JSON. */
export const largeMemberBytes = 16 * 1024;

/** Deeper payloads are refused: they serve nobody and would break what walks them. */
const deepest = 64;

/**
 * A copy of a JSON-like value in which every member for which `replace` gives something else is replaced; what was
 * replaced is not walked further. Throws a `RangeError` for a value that is nested too deeply.
 */
export function replaceMembers(value: unknown, replace: (member: unknown) => unknown, depth = 0): unknown {
  const replaced = replace(value);
  if (replaced !== value) return replaced;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth >= deepest) throw new RangeError(`A value is nested more than ${deepest} levels deep.`);
  if (Array.isArray(value)) return value.map((member) => replaceMembers(member, replace, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, replaceMembers(member, replace, depth + 1)]),
  );
}

/** A payload is always an object, and stays one. */
export function replaceInPayload(
  payload: Readonly<Record<string, unknown>>,
  replace: (member: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload).map(([key, member]) => [key, replaceMembers(member, replace, 1)]),
  );
}

/** Whether a member is large enough to be kept apart. Bytes always are: JSON has none. */
export function isLargeMember(member: unknown): member is string | Uint8Array {
  return member instanceof Uint8Array || (typeof member === 'string' && member.length > largeMemberBytes);
}
