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
  return withoutElements(withoutTokens(inThought ? answer : answer + said.slice(from)).trim());
}

const mostNotes = 32;
/** What models put an answer in. */
const answerElement =
  /<((?:\w{1,20}_)?(?:answer|prompt|output|final|response|result))(?:\s[^<>]{0,200})?>([\s\S]*?)(?:<\/\1\s*>|$)/i;
/** Any other element, with its text. */
const noteElement = /^<([a-z][\w:-]{0,40})(?:\s[^<>]{0,200})?>([\s\S]*?)<\/\1\s*>/i;
const inline = /<\/?(?:b|i|u|em|strong|span)(?:\s[^<>]{0,200})?>/gi;
const blocks = /<\/?(?:p|br|div)(?:\s[^<>]{0,200})?\/?>/gi;

/** What stands in the element of an answer; else without the elements before it, whatever a model calls its notes. */
function withoutElements(text: string): string {
  let rest = text.replace(inline, '').replace(blocks, ' ').trim();
  const [, , answer] = answerElement.exec(rest) ?? [];
  if (answer !== undefined && answer.trim() !== '') return answer.trim();
  for (let count = 0; count < mostNotes; count += 1) {
    const note = noteElement.exec(rest);
    if (!note) break;
    const behind = rest.slice(note[0].length).trim();
    rest = behind === '' ? (note[2] ?? '').trim() : behind;
  }
  return rest;
}

/** Tags, special tokens and turns: whatever they are called, they are not for a generator. */
const marks =
  /<[|｜][^<>]{0,60}[|｜]?>|<[|｜]?[^<>\s]{0,60}[|｜]>|<\/?[a-z][\w:-]{0,40}(?:\s[^<>]{0,200})?\/?>|◁\/?\w{1,40}▷|\[\/?(?:INST|SYS|THINK|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|gMASK|BOS|EOS|SEP|CLS|PAD|UNK|MASK)\]|<<\/?SYS>>/i;

/** Whether marks of a model are left in a text. */
export function hasMarks(text: string): boolean {
  return marks.test(text);
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
