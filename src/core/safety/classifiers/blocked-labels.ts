/** Blocked where the model has them and no label is named. As `sameLabel` writes them. */
const wellKnown = new Set([
  'unsafe',
  'nsfw',
  'harmful',
  'hate',
  'hateful',
  'hate_speech',
  'hate_threatening',
  'harassment',
  'harassment_threatening',
  'identity_attack',
  'identity_hate',
  'insult',
  'obscene',
  'offensive',
  'toxic',
  'toxicity',
  'severe_toxic',
  'severe_toxicity',
  'threat',
  'violence',
  'violence_graphic',
  'violent',
  'gore',
  'porn',
  'pornography',
  'hentai',
  'sexual',
  'sexual_explicit',
  'sexual_minors',
  'self_harm',
  'abuse',
  'abusive',
]);

/** A label in the form in which two are compared: no `__label__`, lower case, `_` between words. */
export function sameLabel(label: string): string {
  return withoutPrefix(label.trim())
    .toLowerCase()
    .replaceAll(/[\s_/-]+/g, '_');
}

/** fastText's label without its prefix. */
export function withoutPrefix(label: string): string {
  return label.replace(/^__label__/i, '');
}

/** Where the blocked labels stand among the model's; empty when it has none of them. */
export function blockedIndexes(labels: readonly string[], named: readonly string[] | undefined): number[] {
  const wanted = named === undefined ? wellKnown : new Set(named.map(sameLabel));
  const prefix = commonPrefix(labels);
  return labels.flatMap((label, index) => {
    const names = [label, label.slice(prefix.length)].map(sameLabel);
    return names.some((name) => wanted.has(name)) ? [index] : [];
  });
}

/**
 * What fastText's `-label` was where it was not `__label__`, such as `#` or `__class__`: the file does not say, but all
 * labels begin with it. Empty where they do not.
 */
function commonPrefix(labels: readonly string[]): string {
  const [first = '', ...others] = labels;
  const prefix = /^(?:__[a-z]{1,32}__|#{1,4})/i.exec(first)?.[0] ?? '';
  return others.every((label) => label.startsWith(prefix)) ? prefix : '';
}

const listed = 12;

/** The labels for an error message: all, or the first dozen. */
export function listLabels(labels: readonly string[]): string {
  const more = labels.length > listed ? ` and ${labels.length - listed} more` : '';
  return `${labels.slice(0, listed).join(', ')}${more}`;
}
