import { createHash, type Hash } from 'node:crypto';
import { FastVideoError, toFastVideoError } from '../../base/errors.ts';
import { UnrelatedDeathError } from '../../generators/program/worker-process.ts';
import type { SegmentRequest } from '../pool.ts';

type Generation = SegmentRequest['generation'];

/** Workers that a request may end before it is refused. */
const mostDeaths = 2;
/** A worker may die of something else while it makes the same segment twice: after this time it may be tried again. */
const rememberedMs = 10 * 60 * 1000;
/** Requests that are remembered; those that died longest ago are forgotten first. */
const mostRemembered = 1000;

/**
 * Requests that workers died of. One that has ended two is not tried again, whoever asks for it: each death costs the
 * time in which the model is loaded.
 */
export class DeadlyRequests {
  readonly #deaths = new Map<string, { count: number; at: number }>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Throws `worker_failed`, not retryable, for a request that has ended workers before. */
  check(generation: Generation): void {
    // Only where there is something to compare with: a state has megabytes.
    if (this.#deaths.size === 0) return;
    if (this.#countOf(fingerprint(generation)) >= mostDeaths) throw refusal();
  }

  /** The error to go on with: once a request has ended its last worker, it tells so. */
  afterError(generation: Generation, error: unknown): unknown {
    const { code, retryable, message } = toFastVideoError(error);
    if (error instanceof UnrelatedDeathError || code !== 'worker_failed' || !retryable) return error;
    const key = fingerprint(generation);
    const count = this.#countOf(key) + 1;
    this.#deaths.delete(key);
    this.#deaths.set(key, { count, at: this.#now() });
    const [oldest] = this.#deaths.keys();
    if (oldest !== undefined && this.#deaths.size > mostRemembered) this.#deaths.delete(oldest);
    return count >= mostDeaths ? refusal(message, error) : error;
  }

  /** It went well: what happened before was not its fault. */
  forget(generation: Generation): void {
    if (this.#deaths.size > 0) this.#deaths.delete(fingerprint(generation));
  }

  #countOf(key: string): number {
    const known = this.#deaths.get(key);
    return known && this.#now() - known.at < rememberedMs ? known.count : 0;
  }
}

function refusal(last?: string, cause?: unknown): FastVideoError {
  const ending = last === undefined ? '' : ` The last time: ${last}`;
  const message = `This request has ended ${mostDeaths} workers and is not tried again; ask for something else.${ending}`;
  return new FastVideoError('worker_failed', message, { retryable: false, cause });
}

/** The same for all requests that ask for the same; a picture counts by its file. */
function fingerprint(generation: Generation): string {
  const hash = createHash('sha256');
  feed(hash, generation);
  return hash.digest('base64');
}

/** Bytes as they are: a state has megabytes of them, which JSON would write as numbers. */
function feed(hash: Hash, value: unknown): void {
  if (value instanceof Uint8Array) {
    hash.update(`bytes ${value.length}:`).update(value);
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    hash.update(`${Array.isArray(value) ? 'list' : 'object'} ${members.length}:`);
    for (const [name, member] of members) {
      hash.update(`${JSON.stringify(name)}:`);
      feed(hash, member);
    }
  } else hash.update(`${JSON.stringify(value)},`);
}
