/** Opening and closing marks that models write around their thoughts; `/` in the first group of a closing one. */
const thoughtMark =
  /<(\/?)(?:think|thinking|thoughts?|reasoning|seed:think)(?:\s[^<>]{0,200})?>|\[(\/?)THINK\]|◁(\/?)think▷|<\|(START|END)_THINKING\|>|<\|channel>thought\n|<channel\|>/gi;

/** What reasoning models write before their answer. */
export function withoutThoughts(text: string): string {
  const said = finalChannel(text);
  let answer = '';
  let from = 0;
  let inThought = false;
  for (const mark of said.matchAll(thoughtMark)) {
    if (!closes(mark)) {
      if (!inThought) answer += said.slice(from, mark.index);
      inThought = true;
    } else {
      // Some servers leave the opening one out.
      if (!inThought) answer = '';
      inThought = false;
      from = mark.index + mark[0].length;
    }
  }
  // A cut-off answer has no closing one.
  return withoutTokens(inThought ? answer : answer + said.slice(from)).trim();
}

function closes([mark, ...groups]: RegExpMatchArray): boolean {
  return mark === '<channel|>' || groups.some((group) => group === '/' || group?.toUpperCase() === 'END');
}

const channel = '<|channel|>';
const message = '<|message|>';
const endOfMessage = /<\|(?:end|return|call|start|channel)\|>/;

/**
 * Of gpt-oss, where a server passes its channels on as they are, the last final one: nothing where there is none. Some
 * servers leave the marks themselves out, and the words between them stand: `analysis…assistantfinal…`.
 */
function finalChannel(text: string): string {
  if (!text.includes(channel)) {
    const bare = text.trimStart().startsWith('analysis') ? text.lastIndexOf('assistantfinal') : -1;
    return bare < 0 ? text : text.slice(bare + 'assistantfinal'.length);
  }
  const parts = text.split(channel).slice(1);
  const last = parts.findLast((part) => part.trimStart().startsWith('final')) ?? '';
  const start = last.indexOf(message);
  const body = start < 0 ? '' : last.slice(start + message.length);
  return body.split(endOfMessage, 1)[0] ?? '';
}

/** Marks before an answer, with the role that some of them name. */
const leading =
  /^(?:\s*(?:<s>|<bos>|<start_of_turn>(?:model)?|<\|turn>(?:model)?|<[|｜][\w▁]{1,40}[|｜]>(?:assistant\b)?))+/;
/** The end of a turn; what follows was never meant to be seen. */
const endOfTurn = /<[|｜][\w▁]{1,40}[|｜]>|<\/s>|<eos>|<end_of_turn>|<turn\|>|\[\/INST\]/;

/** Without the special tokens that a server with the wrong template leaves in. */
function withoutTokens(text: string): string {
  return text.replace(leading, '').split(endOfTurn, 1)[0] ?? '';
}
