/** The message of an `error` frame for people: `segment_prompt_source: a prompt of …` is for programs. */
export function errorWords(message: string): string {
  const words = message.replace(/^[a-z]+(?:_[a-z0-9]+)+: /, '').trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
