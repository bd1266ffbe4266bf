interface PromptTaker {
  readonly wantsPrompt: boolean;
  add(prompt: string): void;
}

/** The prompts, read one ahead at most: blank ones are passed over. */
export class PromptReader {
  readonly #source: AsyncIterator<string> | Iterator<string>;
  #next: string | undefined;
  #ended = false;
  #reading: Promise<boolean> | undefined;

  constructor(source: AsyncIterator<string> | Iterator<string>) {
    this.#source = source;
  }

  /** There is none any more. */
  get ended(): boolean {
    return this.#ended && this.#next === undefined;
  }

  /** Resolves with whether there is another one, which `take` gives. Throws what the source throws. */
  more(): Promise<boolean> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The prompt that was read, if one was. */
  take(): string | undefined {
    const prompt = this.#next;
    this.#next = undefined;
    return prompt;
  }

  /** Gives the plan what it wants of what was read, and reads on; `onRead` is told of news, or of the error. */
  feed(plan: PromptTaker, onRead: (error?: unknown) => void): void {
    while (plan.wantsPrompt) {
      const prompt = this.take();
      if (prompt === undefined) break;
      plan.add(prompt);
    }
    if (!plan.wantsPrompt || this.ended || this.#reading) return;
    this.more().then(() => onRead(), onRead);
  }

  async rest(): Promise<string[]> {
    const prompts: string[] = [];
    while (await this.more()) prompts.push(this.take() ?? '');
    return prompts;
  }

  /** Nothing more is read. */
  leave(): void {
    this.#ended = true;
    // A source that fails while it is left has nobody to tell any more.
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  async #read(): Promise<boolean> {
    while (this.#next === undefined && !this.#ended) {
      const { done, value } = await this.#source.next();
      if (done) this.#ended = true;
      else if (value.trim() !== '') this.#next = value.trim();
    }
    return this.#next !== undefined;
  }
}
