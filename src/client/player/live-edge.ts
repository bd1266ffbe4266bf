/** How near to the newest picture it is played. */
export interface LiveOptions {
  /** Seconds behind the newest picture that are aimed at. Default 1. */
  readonly latency?: number;
  /** Seconds behind it from which on the player jumps. Default 5. */
  readonly jumpAt?: number;
}

export const defaultLive: Required<LiveOptions> = { latency: 1, jumpAt: 5 };

const fastest = 1.1;
const slowest = 0.95;
/** The least change of the rate: with it the aim is reached in seconds. */
const leastChange = 0.02;
/** Seconds beside the aim that are let be: a rate that changes all the time is heard. */
const tolerance = 0.2;

/** Below this many seconds of media for each second a live stream is slow: a little less is made up for by the rate. */
export const slowLive = 0.9;

/** Seconds to have buffered before a live stream is played: what comes as it is shown never comes much sooner. */
export function liveWanted(isIncoming: boolean, { latency }: Required<LiveOptions>): number {
  return isIncoming ? latency / 2 : 0;
}

/** `rate`: the playback rate; `jump`: seconds to skip. */
export interface LiveStep {
  readonly rate: number;
  readonly jump?: number;
}

/**
 * Keeps the play head near the newest picture. Once it is too far beside its aim it goes all the way: with a stop at the
 * tolerance it would stay there, and each small stop would change the rate again.
 */
export class LiveEdge {
  /** 1: it plays faster until it is at the aim; -1: slower. */
  #direction: -1 | 0 | 1 = 0;

  /** What to do `ahead` seconds behind the newest picture: play a little faster or slower, or jump when it is far away. */
  step(ahead: number, { latency, jumpAt }: Required<LiveOptions>): LiveStep {
    const drift = ahead - latency;
    if (ahead >= jumpAt) {
      this.#direction = 0;
      return { rate: 1, jump: drift };
    }
    if (Math.abs(drift) > tolerance) this.#direction = drift > 0 ? 1 : -1;
    else if (drift * this.#direction <= 0) this.#direction = 0;
    const change = this.#direction * Math.max(leastChange, Math.abs(drift) / 10);
    return { rate: Math.min(fastest, Math.max(slowest, 1 + change)) };
  }
}
