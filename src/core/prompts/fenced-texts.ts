/** What stands in each code fence that is closed, so many at most. */
export function fencedTexts(text: string, most: number): string[] {
  const parts = text.split(/^[ \t]*```[^\n`]*$/m, most * 2 + 1);
  const inside = parts.filter((_, index) => index % 2 === 1 && index < parts.length - 1);
  return inside.map((part) => part.trim()).filter((part) => part !== '');
}
