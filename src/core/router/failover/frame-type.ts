/** Frames of ours begin with their type; only then is it known without reading all of them. */
const typeFirst = /^\{"type":"([a-z0-9_]{1,64})"/;
const prefixBytes = 96;

/** The type of a text frame as far as it can be told from its first bytes. */
export function frameType(data: Buffer): string | undefined {
  return typeFirst.exec(data.toString('latin1', 0, prefixBytes))?.[1];
}
