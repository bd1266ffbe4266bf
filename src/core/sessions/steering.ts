import type { PromptChange, SteeringStep } from '../generators/steering.ts';

/** A change that the client wishes and that has no effect yet. */
export interface SteeringWish extends PromptChange {
  /** Whether the safety filter has let it through. */
  readonly ready: boolean;
}

/** How the prompt of the running segment is changed while it is made. */
export interface Steering {
  /** The changes that have effect, as the client was told of them. */
  readonly path: readonly SteeringStep[];
  /** The newest wish; an older one that had no effect yet is forgotten. */
  readonly wish: SteeringWish | null;
}

export const noSteering: Steering = { path: [], wish: null };

/** Prompts that an auto-extension is shown. */
export const historyLength = 20;

/** Milliseconds that a change takes where the client does not say. */
export const usualTransitionMs = 750;

/** Changes of one segment at most: all of them go along to another server. */
export const mostSteps = 1000;

interface Steered {
  readonly steering: Steering;
  /** The last prompts that were begun, the oldest first. */
  readonly history: readonly string[];
}

export function wished<State extends Steered>(state: State, wish: SteeringWish): State {
  return { ...state, steering: { ...state.steering, wish } };
}

/** The safety filter has let it through, unless another wish has taken its place. */
export function wishReady<State extends Steered>(state: State, wish: SteeringWish): State {
  return state.steering.wish === wish ? wished(state, { ...wish, ready: true }) : state;
}

/** It may not have effect. */
export function wishRefused<State extends Steered>(state: State, wish: SteeringWish): State {
  if (state.steering.wish !== wish) return state;
  return { ...state, steering: { ...state.steering, wish: null } };
}

/** A change has effect: a prompt that a model writes goes on from its words. A newer wish still waits. */
export function steeredAt<State extends Steered>(state: State, { atFrame, ...change }: SteeringStep): State {
  const { path, wish } = state.steering;
  const history = [...(path.length > 0 ? state.history.slice(0, -1) : state.history), change.prompt];
  const isIt = wish?.prompt === change.prompt && wish.transitionMs === change.transitionMs;
  const steering = { path: [...path, { atFrame, ...change }], wish: isIt ? null : wish };
  return { ...state, steering, history: history.slice(-historyLength) };
}

/** The words of all changes. */
export function promptsOfSteering({ path, wish }: Steering): string[] {
  return [...path.map(({ prompt }) => prompt), ...(wish ? [wish.prompt] : [])];
}
