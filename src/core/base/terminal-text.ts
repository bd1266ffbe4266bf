/** C1 controls, which steer a terminal like escape sequences, and what turns the direction of text around. */
const steering = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with each such character written as `\uXXXX`: what a stranger sent must not steer the terminal that shows it. */
export function withoutSteering(text: string, backslash = '\\'): string {
  return text.replace(steering, (char) => `${backslash}u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Escapes and other C0 controls, but for what ends a line or moves to the next column. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f]/g;

/** Text of several lines as it may stand on a terminal, whoever wrote parts of it. */
export function forTerminal(text: string): string {
  return withoutSteering(
    text.replace(controls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
