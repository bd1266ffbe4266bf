import type { CheckpointMembers } from '../../sessions/checkpoint-members.ts';

interface SessionCheckpoint {
  readonly type: 'session_checkpoint';
  readonly seen: number;
  readonly pending?: readonly number[];
  readonly frames: number;
  readonly set: CheckpointMembers;
}

/** Writes what of a session is new since its last checkpoint. */
export class CheckpointWriter {
  readonly #members: () => CheckpointMembers;
  #told: CheckpointMembers | undefined;
  #seen = 0;
  /** Messages up to `#seen` that have had no effect yet. */
  readonly #pending = new Set<number>();
  #messagesChanged = false;

  constructor(members: () => CheckpointMembers) {
    this.#members = members;
  }

  /** The message of that number, counted from 1, has had its effect. */
  done(message: number): void {
    this.#messagesChanged = true;
    for (let number = this.#seen + 1; number < message; number += 1) this.#pending.add(number);
    this.#pending.delete(message);
    this.#seen = Math.max(this.#seen, message);
  }

  /** The checkpoint that belongs in front of the next `frames` frames; undefined when nothing is new. */
  next(frames: number): SessionCheckpoint | undefined {
    const members = this.#members();
    const told = this.#told;
    // Members that did not change are the same object in each state.
    const set = told
      ? Object.fromEntries(Object.entries(members).filter(([name, value]) => value !== told[name]))
      : members;
    if (told && Object.keys(set).length === 0 && !this.#messagesChanged) return undefined;
    this.#told = members;
    this.#messagesChanged = false;
    return {
      type: 'session_checkpoint',
      seen: this.#seen,
      ...(this.#pending.size > 0 ? { pending: [...this.#pending] } : {}),
      frames,
      set,
    };
  }
}
