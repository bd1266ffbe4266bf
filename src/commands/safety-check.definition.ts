import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const safetyCheckCommand: CommandDefinition = {
  name: 'safety-check',
  description:
    'Check prompts from stdin or from the arguments with a classifier: one JSON line out for each line in',
  options: [
    {
      flags: '--classifier <path>',
      repeatable: true,
      description:
        'ONNX model (.onnx, with tokenizer.json and config.json in the same folder) or fastText model (.bin, .ftz); repeat the option for more: the first that blocks decides (default: FASTVIDEO_SAFETY_CLASSIFIER)',
    },
    {
      flags: '--labels <names>',
      description:
        'labels that block, separated by commas (default: unsafe, nsfw, hate, toxic, violence, sexual and the like)',
    },
    {
      flags: '--threshold <p>',
      description: 'probability from which a label blocks, above 0 and at most 1',
      default: '0.5',
    },
    {
      flags: '--tokenizer <path>',
      description: 'tokenizer.json of an ONNX model (default: in the folder of the model)',
    },
    {
      flags: '--sha256 <hash>',
      description:
        'SHA-256 that the model file must have; separate files of weights need theirs with --file-sha256',
    },
    {
      flags: '--file-sha256 <name=hash>',
      repeatable: true,
      description:
        'SHA-256 of a file in the folder of an ONNX model: model.onnx_data=HASH, tokenizer.json=HASH, config.json=HASH; repeat the option for more',
    },
    {
      flags: '--activation <what>',
      description:
        'how the outputs of an ONNX model become probabilities: none, sigmoid, softmax, or auto: as its graph and config.json say (an error if they do not)',
      default: 'auto',
      choices: ['auto', 'none', 'sigmoid', 'softmax'],
    },
    {
      flags: '--pass',
      description: 'print only the allowed lines, unchanged; blocked lines are counted on stderr',
    },
    { flags: '--json', description: 'print one JSON object for each line; so it is without --pass too' },
    { flags: '--fail-fast', description: 'stop at the first line that is blocked' },
    {
      flags: '--on-unavailable <what>',
      description: 'what to do with a line that cannot be checked: block or allow',
      default: 'block',
      choices: ['block', 'allow'],
    },
    { flags: '--batch <n>', description: 'lines per call of the model, 1 to 4096', default: '64' },
  ],
  examples: [
    'cat prompts.txt | fastvideo safety-check --classifier model.onnx --pass | fastvideo enhance',
    'fastvideo safety-check "a red fox in blue snow" --classifier model.ftz --labels nsfw,violence',
    'fastvideo safety-check --classifier first.ftz --classifier second.onnx --threshold 0.8 < prompts.txt',
    'FASTVIDEO_SAFETY_CLASSIFIER=model.onnx fastvideo safety-check --fail-fast < prompts.txt > decisions.jsonl',
  ],
  takesPrompts: true,
  exitCodes: exitCodes({
    done: 'every prompt is allowed',
    failed: 'a prompt could not be checked and was held back, or the check failed',
    usage: 'wrong usage: an option, no prompt, or a file to read that is missing or unfit',
    blocked: 'a prompt was blocked',
    interrupted: 'interrupted',
  }),
  load: () => import('./safety-check.ts'),
};
