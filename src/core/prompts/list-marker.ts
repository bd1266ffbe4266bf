/** How a line of a list begins. */
export type ListMarker = 'labelled' | 'numbered' | 'bulleted';

const patterns: Readonly<Record<ListMarker, RegExp>> = {
  // `Prompt 1: …`, `**Scene 2** - …`, `### Option 3`
  labelled:
    /^(?:[-*•–] )?(?:#{1,6} )?(?:\*\*|__)?(?:(?:video|new|rewritten) )?(?:prompt|scene|shot|segment|version|variation|variant|option|alternative|rewrite) #?\d{1,3}(?:\*\*|__)? ?(?:[:.)–—](?:\*\*|__)?|-(?= )|$)/i,
  // `1. …`, `1) …`, `(1) …`, `**1.** …`, `**1. …**`, `### 1. …`, `1: …`
  numbered: /^(?:#{1,6} )?(?:\*\*|__)?[([]?\d{1,3}\\?[.):\]](?:\*\*|__)?(?:\s+|$)/,
  bulleted: /^[-*•–]\s+/,
};

/** What follows the mark of such a line; undefined for a line that has none. */
export function withoutMarker(line: string, kind: ListMarker): string | undefined {
  const text = line.trim();
  const [marker] = patterns[kind].exec(text) ?? [];
  if (marker === undefined) return undefined;
  const rest = text.slice(marker.length).trim();
  // Bold that began before the number ends somewhere in the text.
  const openBold = (['**', '__'] as const).find((bold) => marker.split(bold).length === 2);
  return openBold === undefined ? rest : rest.replace(openBold, '').trim();
}
