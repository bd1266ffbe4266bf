/** Up to this part of the interval sooner or later, so that many routers do not ask at the same moment. */
const jitter = 0.1;

interface ScheduleOptions {
  /** Asks once; must not reject. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** Time from the start of one probe to that of the next. Asked for before each. */
  readonly intervalMs: () => number;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

/** The probes of one replica: never two at once, each at its time however slow other replicas are. */
export class ProbeSchedule {
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #first: Promise<void> | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Resolves when the first probe has ended, whichever way. */
  start(): Promise<void> {
    this.#first ??= this.#round();
    return this.#first;
  }

  /** Brings the next probe forward to now, unless one is running. */
  hasten(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#round();
  }

  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #round(): Promise<void> {
    const { probe, intervalMs, random = Math.random } = this.#options;
    this.#timer = undefined;
    const start = performance.now();
    await probe(this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const due = start + intervalMs() * (1 - jitter + 2 * jitter * random());
    this.#timer = setTimeout(() => void this.#round(), Math.max(0, due - performance.now()));
  }
}
