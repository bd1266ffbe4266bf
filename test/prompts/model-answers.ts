/** An answer as a kind of model or server gives it, and what is to come out of it. */
export type ModelAnswer = {
  readonly from: string;
  /** The body of the HTTP answer. */
  readonly body: string;
} & (
  | { readonly prompt: string }
  /** Of a rewrite, of as many prompts. */
  | { readonly prompts: readonly string[]; readonly id?: string; readonly label?: string }
  /** Of a rewrite of `count` prompts where that is set. */
  | { readonly failure: RegExp; readonly count?: number }
);

const completion = (message: object, more: object = {}) =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message }, ...more }],
  });
const said = (content: string) => completion({ content });
const cut = (content: string | null, more: object = {}) =>
  completion({ content, ...more }, { finish_reason: 'length' });
const event = (delta: object) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;

const fox = 'A red fox trots over fresh snow. The camera follows it.';
const two = ['A fox wakes.', 'It runs.'];
const noPrompt = /answered without a prompt/;

const reasoning: readonly ModelAnswer[] = [
  {
    from: 'DeepSeek R1, thoughts in the text',
    body: said(`<think>\nShort or long?\n</think>\n\n${fox}`),
    prompt: fox,
  },
  {
    from: 'R1 whose template begins the thought',
    body: said(`Short or long?\n</think>\n\n${fox}`),
    prompt: fox,
  },
  {
    from: 'R1 cut off in its thought',
    body: cut('<think>\nThe user wants a fox. I could'),
    failure: noPrompt,
  },
  { from: 'Qwen 3 with an empty thought', body: said(`<think>\n\n</think>\n\n${fox}`), prompt: fox },
  {
    from: 'a server that parts the thoughts',
    body: completion({ content: fox, reasoning_content: 'Hm.' }),
    prompt: fox,
  },
  {
    from: 'only thoughts, beside the text',
    body: completion({ content: null, reasoning: 'Hm.' }),
    failure: /nothing but reasoning/,
  },
  {
    from: 'thoughts up to the limit, beside the text',
    body: cut(null, { reasoning: 'Hm.' }),
    failure: /token limit/,
  },
  {
    from: 'gpt-oss, channels passed on',
    body: said(
      `<|channel|>analysis<|message|>Fox.<|end|><|start|>assistant<|channel|>final<|message|>${fox}<|return|>`,
    ),
    prompt: fox,
  },
  {
    from: 'gpt-oss, channels without their marks',
    body: said(`analysisThe user wants a fox.assistantfinal${fox}`),
    prompt: fox,
  },
  {
    from: 'gpt-oss without a final channel',
    body: said('<|channel|>analysis<|message|>The user wants a fox.'),
    failure: noPrompt,
  },
  {
    from: 'gpt-oss, JSON in its final channel',
    body: said(`<|channel|>final<|message|>{"next_prompt": "${fox}"}`),
    prompt: fox,
  },
  { from: 'Magistral', body: said(`[THINK]Fox?[/THINK]${fox}`), prompt: fox },
  { from: 'Kimi', body: said(`◁think▷Fox?◁/think▷${fox}`), prompt: fox },
  {
    from: 'Command A',
    body: said(`<|START_THINKING|>Fox?<|END_THINKING|><|START_RESPONSE|>${fox}<|END_RESPONSE|>`),
    prompt: fox,
  },
  { from: 'Gemma with a thought', body: said(`<thought>Fox?</thought>\n${fox}`), prompt: fox },
  {
    from: 'notes in an element of any name',
    body: said(`<scene_planning>Fox, snow.</scene_planning>\n${fox}`),
    prompt: fox,
  },
  {
    from: 'notes, and the answer in an element',
    body: said(`<plan>Fox.</plan>\n<answer>${fox}</answer>\nDone!`),
    prompt: fox,
  },
  {
    from: 'the prompt in an element',
    body: said(`Here it is:\n<next_prompt>\n${fox}\n</next_prompt>`),
    prompt: fox,
  },
];

const tokens: readonly ModelAnswer[] = [
  {
    from: 'ChatML that goes on with the user',
    body: said(`${fox}<|im_end|>\n<|im_start|>user\nMore!`),
    prompt: fox,
  },
  {
    from: 'Llama 3',
    body: said(`<|start_header_id|>assistant<|end_header_id|>\n\n${fox}<|eot_id|>`),
    prompt: fox,
  },
  { from: 'Mistral', body: said(`<s>${fox}</s>`), prompt: fox },
  { from: 'Llama 2 that goes on', body: said(`${fox} [/INST] More?`), prompt: fox },
  { from: 'Gemma', body: said(`<start_of_turn>model\n${fox}<end_of_turn>`), prompt: fox },
  { from: 'tokens of DeepSeek', body: said(`${fox}<｜end▁of▁sentence｜>`), prompt: fox },
  {
    from: 'a system prompt given back',
    body: said('[INST] <<SYS>> You write prompts. <</SYS>> A fox'),
    failure: noPrompt,
  },
  { from: 'marks that nobody knows', body: said(`A fox [gMASK] runs`), failure: noPrompt },
  { from: 'an element that stays open', body: said('A fox runs <tool_code> print'), failure: noPrompt },
];

const json: readonly ModelAnswer[] = [
  { from: 'JSON, as asked for', body: said(`{"next_prompt": "${fox}"}`), prompt: fox },
  { from: 'the JSON of a single clip', body: said(`{"prompt":"${fox}"}`), prompt: fox },
  { from: 'JSON in a fence', body: said(`\`\`\`json\n{\n  "text": "${fox}"\n}\n\`\`\``), prompt: fox },
  {
    from: 'JSON with words around it',
    body: said(`Sure! Here is the JSON:\n\n{"content": "${fox}"}\n\nEnjoy.`),
    prompt: fox,
  },
  {
    from: 'JSON behind a thought',
    body: said(`<think>{"next_prompt": "no"}</think>{"next_prompt": "${fox}"}`),
    prompt: fox,
  },
  {
    from: 'JSON in camel case, beside others',
    body: said(`{"negativePrompt": "blur", "nextPrompt": "${fox}"}`),
    prompt: fox,
  },
  {
    from: 'JSON within JSON',
    body: said(JSON.stringify({ response: { next_prompt: { text: fox } } })),
    prompt: fox,
  },
  {
    from: 'JSON in a text of JSON',
    body: said(JSON.stringify(JSON.stringify({ next_prompt: fox }))),
    prompt: fox,
  },
  { from: 'a list of one', body: said(JSON.stringify({ segment_prompts: [fox] })), prompt: fox },
  {
    from: 'Python',
    body: said(`{'next_prompt': 'A fox's tail. It\\'s snow.', 'ok': True}`),
    prompt: "A fox's tail. It's snow.",
  },
  { from: 'a comma too many, no quotes', body: said(`{next_prompt: "${fox}",}`), prompt: fox },
  {
    from: 'line breaks in a text',
    body: said('{"next_prompt": "A red fox.\nIt runs."}'),
    prompt: 'A red fox. It runs.',
  },
  {
    from: 'quotes in a text',
    body: said('{"next_prompt": "A sign says "Open", then a fox runs."}'),
    prompt: 'A sign says "Open", then a fox runs.',
  },
  {
    from: 'JSON cut off in the prompt',
    body: cut('{"next_prompt": "A red fox. It trots over fre'),
    prompt: 'A red fox.',
  },
  { from: 'JSON cut off before the prompt', body: cut('{"next_pro'), failure: noPrompt },
  {
    from: 'the call of a tool, as a text',
    body: said(`{"name": "make_video", "arguments": {"prompt": "${fox}"}}`),
    prompt: fox,
  },
  { from: 'JSON of another kind', body: said('{"scene": "a fox", "camera": "low"}'), failure: noPrompt },
  { from: 'an apology in JSON', body: said('{"error": "I cannot help with that."}'), failure: noPrompt },
  { from: 'an empty object', body: said('{}'), failure: noPrompt },
  { from: 'an empty prompt', body: said('{"next_prompt": ""}'), failure: noPrompt },
  { from: 'several prompts for one', body: said('["A fox.", "A dog."]'), failure: noPrompt },
];

const text: readonly ModelAnswer[] = [
  { from: 'talk before it', body: said(`Sure! Here's the next prompt:\n\n"${fox}"`), prompt: fox },
  { from: 'a title', body: said(`**Next prompt:** ${fox}`), prompt: fox },
  { from: 'a number before it', body: said(`1. ${fox}`), prompt: fox },
  {
    from: 'several to choose from',
    body: said('Here are two options:\n\nOption 1: A fox.\nOption 2: A dog.'),
    failure: noPrompt,
  },
  {
    from: 'German',
    body: said('„Ein Fuchs läuft durch den Schnee.“'),
    prompt: 'Ein Fuchs läuft durch den Schnee.',
  },
  {
    from: 'Japanese, cut off',
    body: cut('赤い狐が雪の上を走る。カメラは'),
    prompt: '赤い狐が雪の上を走る。',
  },
  {
    from: 'Arabic in JSON',
    body: said('{"next_prompt": "ثعلب أحمر يجري على الثلج."}'),
    prompt: 'ثعلب أحمر يجري على الثلج.',
  },
  { from: 'cut off in a sentence', body: cut('A red fox. It trots over fre'), prompt: 'A red fox.' },
  { from: 'marks of HTML', body: said('<p>A <b>red</b> fox.</p>'), prompt: 'A red fox.' },
];

const transport: readonly ModelAnswer[] = [
  { from: 'no text at all', body: completion({ content: null }), failure: /with nothing/ },
  { from: 'a blank text', body: completion({ content: ' \n' }), failure: /with nothing/ },
  { from: 'parts', body: completion({ content: [{ type: 'text', text: fox }] }), prompt: fox },
  {
    from: 'parts, thoughts among them',
    body: completion({
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: fox },
      ],
    }),
    prompt: fox,
  },
  {
    from: 'the call of a tool',
    body: completion({ content: null, tool_calls: [{ type: 'function' }] }),
    failure: /tool call/,
  },
  {
    from: 'a refusal',
    body: completion({ content: null, refusal: 'No foxes.' }),
    failure: /refusal: No foxes/,
  },
  {
    from: 'a content filter',
    body: completion({ content: '' }, { finish_reason: 'content_filter' }),
    failure: /content filter/,
  },
  {
    from: 'a stream that nobody asked for',
    body: `${event({ content: '{"next_prompt": "A ' })}${event({ content: 'fox."}' })}data: [DONE]\n\n`,
    prompt: 'A fox.',
  },
];

const rewrites: readonly ModelAnswer[] = [
  {
    from: 'a rollout, as asked for',
    body: said(JSON.stringify({ id: 'fox', label: 'The fox', segment_prompts: two })),
    prompts: two,
    id: 'fox',
    label: 'The fox',
  },
  {
    from: 'a rollout within',
    body: said(JSON.stringify({ rollout: { id: 'fox', label: 'The fox', prompts: two } })),
    prompts: two,
    id: 'fox',
    label: 'The fox',
  },
  {
    from: 'objects',
    body: said(
      JSON.stringify({
        rewritten_rollout: { segments: two.map((prompt, index) => ({ id: index, prompt })) },
      }),
    ),
    prompts: two,
  },
  {
    from: 'a member for each',
    body: said(JSON.stringify({ id: 'fox', 'shot-2': two[1], segment_1: two[0] })),
    prompts: two,
    id: 'fox',
  },
  {
    from: 'scenes with words around them',
    body: said(`Here:\n{"scene 1": {"text": "${two[0]}"}, "scene 2": "${two[1]}"}\nEnjoy!`),
    prompts: two,
  },
  {
    from: 'a numbered list',
    body: said(`Of course!\n\n1. ${two[0]}\n2. **${two[1]}**\n\nEnjoy!`),
    prompts: two,
  },
  {
    from: 'a list in bold titles',
    body: said(`**Segment 1:** ${two[0]}\n\n**Segment 2:** ${two[1]}`),
    prompts: two,
  },
  {
    from: 'JSON line by line',
    body: said(two.map((prompt) => JSON.stringify({ prompt })).join('\n')),
    prompts: two,
  },
  { from: 'one more than wanted', body: said(`1. ${two[0]}\n2. ${two[1]}\n3. It sleeps.`), prompts: two },
  {
    from: 'one less than wanted',
    body: said(JSON.stringify({ segment_prompts: two.slice(1) })),
    count: 2,
    failure: /wrote 1 of 2 prompts/,
  },
  {
    from: 'JSON cut off in the last prompt',
    body: cut('{"segment_prompts": ["A fox wakes.", "It ru'),
    count: 2,
    failure: /wrote 1 of 2 prompts/,
  },
  {
    from: 'a list cut off in the last prompt',
    body: cut('1. A fox wakes.\n2. It ru'),
    count: 2,
    failure: /wrote 1 of 2 prompts/,
  },
  {
    from: 'JSON in the items of a list',
    body: said('1. {"camera": "low"}\n2. {"camera": "high"}'),
    count: 2,
    failure: /wrote 0 of 2 prompts/,
  },
  {
    from: 'thoughts with a list of their own',
    body: said(`<think>1. a\n2. b</think>\n1. ${two[0]}\n2. ${two[1]}`),
    prompts: two,
  },
];

export const modelAnswers: readonly ModelAnswer[] = [
  ...reasoning,
  ...tokens,
  ...json,
  ...text,
  ...transport,
  ...rewrites,
];
