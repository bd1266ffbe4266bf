/** The fields of a type, none of them left out: one that need not be there is given as undefined. */
type AllFields<Value> = { readonly [Name in Extract<keyof Value, string>]: Value[Name] | undefined };

/** The value of these fields, without those that are undefined. A field that the type gets later does not compile here. */
export function withFields<Value extends object>(fields: AllFields<Value>): Value {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as Value;
}

/** Takes what is left of a value whose fields were all taken out of it. A field that it gets later does not compile here. */
export function nothingLeft<Rest extends { readonly [Name in keyof Rest]: never }>(_rest: Rest): void {}
