/** Other words for the segment that is being made. */
export interface PromptChange {
  readonly prompt: string;
  /** Milliseconds that the picture takes to get there; 0: it is another one at once. */
  readonly transitionMs: number;
}

/** A change that has effect. `atFrame` is the first frame that shows it, counted from 0 in its segment. */
export interface SteeringStep extends PromptChange {
  readonly atFrame: number;
}

/**
 * The changes that come while a segment is made: of those that the generator has not taken yet the newest counts.
 */
export class SteeringInbox {
  /** Frames before this one have been shown: they cannot be changed any more. */
  readonly notBefore: number;
  #change: PromptChange | undefined;
  #onChange: ((change: PromptChange) => void) | undefined;
  #onOffer: ((change: PromptChange) => void) | undefined;

  constructor(notBefore = 0) {
    this.notBefore = notBefore;
  }

  offer(change: PromptChange): void {
    this.#onOffer?.(change);
    this.#change = change;
    this.#onChange?.(change);
  }

  /** Is told of each change before anybody takes it, also of one that waits. */
  watch(onOffer: (change: PromptChange) => void): void {
    this.#onOffer = onOffer;
    if (this.#change) onOffer(this.#change);
  }

  /** Takes the change that this frame may be the first to show; undefined when there is none. */
  take(frame: number): PromptChange | undefined {
    if (frame < this.notBefore) return undefined;
    const change = this.#change;
    this.#change = undefined;
    return change;
  }

  /**
   * From now on all changes go there, the newest of those before first: nobody else can have shown that one to the end,
   * because a run that is begun again has shown nothing.
   */
  forward(onChange: (change: PromptChange) => void): void {
    this.#onChange = onChange;
    if (this.#change) onChange(this.#change);
  }

  /** The same changes for a run whose first frames have been shown. */
  after(frames: number): SteeringInbox {
    const inbox = new SteeringInbox(Math.max(this.notBefore, frames));
    this.forward((change) => inbox.offer(change));
    return inbox;
  }
}

/** What words a segment has from one frame to the next: those it was begun with, then each change at its frame. */
export class SteeredPrompt {
  readonly #path: SteeringStep[];
  readonly #inbox: SteeringInbox | undefined;

  /** `path`: the changes that another run of the segment had, which this one shows at the same frames. */
  constructor(path: readonly SteeringStep[] = [], inbox?: SteeringInbox) {
    this.#path = [...path].sort((one, other) => one.atFrame - other.atFrame);
    this.#inbox = inbox;
  }

  /** The changes that this frame is the first to show, in their order; `isNew`: nobody has been told of it. */
  at(frame: number): readonly (SteeringStep & { readonly isNew: boolean })[] {
    const steps: (SteeringStep & { readonly isNew: boolean })[] = [];
    while (this.#path[0] && this.#path[0].atFrame <= frame) {
      const [step] = this.#path.splice(0, 1);
      if (step) steps.push({ ...step, isNew: false });
    }
    // What the client was told of comes first.
    const change = this.#path.length === 0 ? this.#inbox?.take(frame) : undefined;
    return change ? [...steps, { ...change, atFrame: frame, isNew: true }] : steps;
  }
}
