import type { ProjectState } from '../../sessions/project/project-state.ts';
import { refused } from './error-words.ts';

/** Throws `invalid_message` between two projects. */
export function needsProject({ project }: ProjectState, type: string): void {
  if (project === 'active') return;
  throw refused('Start a new project first.', 'There is no project; project_init_v1 starts one.', {
    message: type,
  });
}

/** Throws `invalid_message` where a prompt of the user would never be made. */
export function checkTakesPrompts(state: ProjectState): void {
  needsProject(state, 'append_prompt');
  const about = { message: 'append_prompt' };
  switch (state.waitingFor) {
    case null:
      return;
    case 'initial_rewrite':
      throw refused(notWritten, 'The first rewrite is not done; rewrite_seed_prompts begins one.', about);
    case 'cap':
      throw refused(allMade, capReached, about);
    case 'clip':
      throw refused(
        'The clip is made. Generate the next one.',
        'The clip is complete; simple_generate makes the next one.',
        about,
      );
    default:
      state.waitingFor satisfies never;
  }
}

const notWritten = 'The story is not written yet. Use Rewrite to write it.';
const allMade = "The session's clips are all made. Use Rewrite to start a new story.";
const capReached = 'The segment cap is reached; rewrite_seed_prompts or restart_generation goes on.';

/** Throws `invalid_message` where there is no stream to start again, or only a restart may start it. */
export function checkMayRestart(
  state: ProjectState,
  type: 'reset_to_seed_prompts' | 'restart_generation',
): void {
  needsProject(state, type);
  const { waitingFor, singleClip, seeds } = state;
  const about = { message: type };
  if (waitingFor === 'initial_rewrite') {
    throw refused(notWritten, 'The first rewrite is not done; rewrite_seed_prompts begins one.', about);
  }
  if (waitingFor === 'cap' && type === 'reset_to_seed_prompts') throw refused(allMade, capReached, about);
  if (singleClip && seeds.length === 0) {
    throw refused(
      'There is no clip to make again. Describe a new one.',
      'There is no seed prompt; simple_generate makes a clip.',
      about,
    );
  }
}
