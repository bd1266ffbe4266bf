/** An origin as browsers write it: lower case, no default port, no slash at the end. Undefined for what is none; `*` stays. */
export function normalOrigin(text: string): string | undefined {
  if (text === '*') return text;
  if (!URL.canParse(text)) return undefined;
  const { protocol, pathname, search, hash, username, password, origin } = new URL(text);
  const bare = pathname === '/' && `${search}${hash}${username}${password}` === '';
  return bare && /^https?:$/.test(protocol) ? origin : undefined;
}

/** A host name as it is compared: lower case, without the dot of the root. */
export function normalHost(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
