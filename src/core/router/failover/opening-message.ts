import type { Message } from '../wire/message.ts';

const openBrace = 0x7b;
const closeBrace = 0x7d;
const spaces = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * The client's first message with further members. They go to the end, where they win over members of the same name,
 * and the rest is not read: an initial image makes it tens of megabytes. What is no JSON object stays as it is, for the
 * replica to refuse.
 *
 * @param members - JSON texts by name
 */
export function withMembers(opening: Message, members: Readonly<Record<string, string>>): Message {
  const { data, isBinary } = opening;
  const start = data.findIndex((byte) => !spaces.has(byte));
  const end = data.findLastIndex((byte) => !spaces.has(byte));
  if (isBinary || start >= end || data[start] !== openBrace || data[end] !== closeBrace) return opening;
  const hasMembers = data.subarray(start + 1, end).some((byte) => !spaces.has(byte));
  const added = Object.entries(members).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  if (added.length === 0) return opening;
  const tail = Buffer.from(`${hasMembers ? ',' : ''}${added.join(',')}}`);
  return { data: Buffer.concat([data.subarray(start, end), tail]), isBinary: false };
}

/** Whether one of these may be a name in the message; true for a name that could be written with escapes. */
export function mentions({ data }: Message, names: readonly string[]): boolean {
  return [...names, '\\u'].some((name) => data.includes(name));
}
