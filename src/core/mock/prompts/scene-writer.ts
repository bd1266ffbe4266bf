import { trimEndOf } from '../../base/trim-end.ts';
import { textHash } from '../../generators/text-hash.ts';
import type { PromptTask } from '../../prompts/provider.ts';

const shots = [
  'wide establishing shot',
  'slow dolly in',
  'low tracking shot',
  'handheld close-up',
  'aerial view, drifting sideways',
  'static frame, long lens',
  'crane shot that rises',
];

const lights = [
  'golden hour light',
  'soft overcast light',
  'cold blue dusk',
  'hard noon sun with short shadows',
  'neon reflections on wet ground',
  'mist lit from behind',
];

const details = [
  'shallow depth of field',
  'fine film grain',
  'slow, heavy motion',
  'muted colours',
  'dust in the air',
];

const beats = [
  'Moments later',
  'Seen from above',
  'Closer now',
  'From the other side',
  'As the light fades',
  'Without a cut',
  'Then all is still',
];

/** Longest part of a prompt that is written on from; more would grow from one segment to the next. */
const longestScene = 240;

/** What a language model might write, made of the prompt's own words: the same answer for the same task. */
export function writeScene(task: PromptTask): string {
  switch (task.operation) {
    case 'enhance':
      return dressed(sceneOf(task.prompt), textHash(task.prompt));
    case 'auto_extend': {
      const last = task.previous.at(-1) ?? '';
      const beat = beats.findIndex((one) => last.startsWith(`${one}: `)) + 1;
      return dressed(`${pick(beats, beat)}: ${sceneOf(last)}`, textHash(last));
    }
    case 'rewrite':
      return Array.from({ length: task.count }, (_, index) => `${index + 1}. ${rewritten(task, index)}`).join(
        '\n',
      );
  }
}

/** A model takes its time; longer prompts take longer. Milliseconds, the same for the same task. */
export function writingTime(task: PromptTask): number {
  const text = JSON.stringify({ ...task, place: undefined, segment: undefined });
  return 120 + (textHash(text) % 180) + Math.min(300, Math.floor(text.length / 8));
}

function rewritten(task: Extract<PromptTask, { operation: 'rewrite' }>, index: number): string {
  const { prompts, instruction } = task;
  const wish = sceneOf(instruction);
  const given = prompts[index % Math.max(1, prompts.length)];
  const scene =
    given === undefined || sceneOf(given) === wish ? wish : [sceneOf(given), wish].filter(Boolean).join(', ');
  // Where more are wanted than there were, each further one shows the scene at another moment.
  const later = index >= prompts.length || prompts.length === 1;
  const turn = textHash(`${scene}|${index}`);
  return dressed(later && index > 0 ? `${pick(beats, index)}: ${scene}` : scene, turn);
}

/** The words of a prompt without what was added here before, so that it does not grow with each round. */
function sceneOf(prompt: string): string {
  let scene = trimEndOf(prompt.replace(/\s+/g, ' ').trim(), '.,;');
  for (const beat of beats) if (scene.startsWith(`${beat}: `)) scene = scene.slice(beat.length + 2);
  for (const phrase of [...shots, ...lights, ...details]) scene = scene.replaceAll(`, ${phrase}`, '');
  return scene.slice(0, longestScene).trim();
}

function dressed(scene: string, turn: number): string {
  return `${scene}, ${pick(shots, turn)}, ${pick(lights, turn >>> 3)}, ${pick(details, turn >>> 6)}.`;
}

function pick(choices: readonly string[], turn: number): string {
  return choices[turn % choices.length] ?? '';
}
