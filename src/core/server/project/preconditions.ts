import type { ProjectState } from '../../sessions/project/project-state.ts';
import { invalid } from '../session/prompt-errors.ts';

/** Throws `invalid_message` between two projects. */
export function needsProject({ project }: ProjectState, type: string): void {
  if (project !== 'active') throw invalid(`${type}: there is no project; start one with project_init_v1.`);
}

/** Throws `invalid_message` where a prompt of the user would never be made. */
export function checkTakesPrompts(state: ProjectState): void {
  needsProject(state, 'append_prompt');
  switch (state.waitingFor) {
    case null:
      return;
    case 'initial_rewrite':
      throw invalid('append_prompt: the first rewrite is not done; send rewrite_seed_prompts.');
    case 'cap':
      throw invalid(
        'append_prompt: the segment cap is reached; send rewrite_seed_prompts or restart_generation.',
      );
    case 'clip':
      throw invalid('append_prompt: the clip is complete; send simple_generate for the next one.');
    default:
      state.waitingFor satisfies never;
  }
}

/** Throws `invalid_message` where there is no stream to start again, or only a restart may start it. */
export function checkMayRestart(
  state: ProjectState,
  type: 'reset_to_seed_prompts' | 'restart_generation',
): void {
  needsProject(state, type);
  const { waitingFor, singleClip, seeds } = state;
  if (waitingFor === 'initial_rewrite') {
    throw invalid(`${type}: the first rewrite is not done; send rewrite_seed_prompts.`);
  }
  if (waitingFor === 'cap' && type === 'reset_to_seed_prompts') {
    throw invalid(`${type}: the segment cap is reached; send rewrite_seed_prompts or restart_generation.`);
  }
  if (singleClip && seeds.length === 0) {
    throw invalid(`${type}: there is no seed prompt to make a clip from; send simple_generate.`);
  }
}
