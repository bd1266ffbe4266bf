import type { CommandDefinition } from './command-definition.ts';

export const safetyCheckCommand: CommandDefinition = {
  name: 'safety-check',
  description:
    'Check prompts with a classifier, from stdin or from the arguments: one JSON line out for each line in',
  options: [
    {
      flags: '--classifier <path...>',
      description:
        'ONNX model (.onnx, with tokenizer.json and config.json beside it) or fastText model (.bin, .ftz); again for a further one: the first that blocks decides (default: FASTVIDEO_SAFETY_CLASSIFIER)',
    },
    {
      flags: '--labels <names>',
      description:
        'labels that block, with commas (default: unsafe, nsfw, hate, toxic, violence, sexual and the like)',
    },
    {
      flags: '--threshold <p>',
      description: 'probability from which a label blocks, above 0, up to 1',
      default: '0.5',
    },
    {
      flags: '--tokenizer <path>',
      description: 'tokenizer.json of an ONNX model (default: beside the model)',
    },
    {
      flags: '--sha256 <hash>',
      description:
        'SHA-256 that the model file must have; files that hold its weights need theirs by --file-sha256',
    },
    {
      flags: '--file-sha256 <name=hash...>',
      description:
        'SHA-256 of a file beside an ONNX model: model.onnx_data=HASH, tokenizer.json=HASH, config.json=HASH',
    },
    {
      flags: '--activation <what>',
      description:
        'how the numbers of an ONNX model become probabilities: none, sigmoid, softmax; auto: as its graph and config.json say, refused where they do not',
      default: 'auto',
      choices: ['auto', 'none', 'sigmoid', 'softmax'],
    },
    {
      flags: '--pass',
      description: 'print the allowed lines only, as they came; the blocked are counted on stderr',
    },
    { flags: '--fail-fast', description: 'stop at the first line that is blocked' },
    {
      flags: '--on-unavailable <what>',
      description: 'what becomes of a line that cannot be checked: block or allow',
      default: 'block',
      choices: ['block', 'allow'],
    },
    { flags: '--batch <n>', description: 'lines that the model gets at once, 1 to 4096', default: '64' },
  ],
  examples: [
    'cat prompts.txt | fastvideo safety-check --classifier model.onnx --pass | fastvideo enhance',
    'fastvideo safety-check "a red fox in blue snow" --classifier model.ftz --labels nsfw,violence',
    'fastvideo safety-check --classifier first.ftz --classifier second.onnx --threshold 0.8 < prompts.txt',
    'FASTVIDEO_SAFETY_CLASSIFIER=model.onnx fastvideo safety-check --fail-fast < prompts.txt > decisions.jsonl',
  ],
  takesPrompts: true,
  load: () => import('./safety-check.ts'),
};
