/**
 * The text of a body, without a byte order mark; undefined where it is longer than so many bytes. Leaves the rest
 * unread then, and hangs up.
 */
export async function readBody(response: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts, length));
}
