import { Lexer, Parser } from 'yaml';
import { maxDepth } from './plain-data.ts';

/** What the parser has open besides the levels of the text. */
const besides = 8;

/**
 * Where a YAML or JSON text begins to be nested deeper than any config is; undefined where it is not. To be asked before
 * the text is parsed, which uses the stack up at some thousand levels; this looks at one lexeme after the other.
 */
export function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it has read is not wanted, only how deep it is in it.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > maxDepth + besides) return parser.offset;
  }
  return undefined;
}

export const tooDeepText = `nested too deeply; a config has at most ${maxDepth} levels`;
