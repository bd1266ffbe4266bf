import { clientText } from '../base/client-text.ts';
import type { FastVideoError } from '../base/errors.ts';
import type { RecentError, ServerStatus } from '../protocol/http/status.ts';

/** Errors whose message is about the server. Others may quote what a client sent, which is nobody else's business. */
const ownErrors: ReadonlySet<string> = new Set([
  'worker_failed',
  'gpu_unavailable',
  'upstream_timeout',
  'internal_error',
]);
const errorsKept = 20;
const longestMessage = 300;

/** What a client did wrong, without its words: they stand in quotes. Of other codes only what the code means. */
function withoutQuotes({ code, message, entry }: FastVideoError): string {
  return code === 'invalid_message' ? message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"') : entry.message;
}

/** What has happened since the start, as `/status` tells it. */
export class Activity {
  readonly segments = { completed: 0, cancelled: 0, failed: 0, abandoned: 0 };
  mediaBytes = 0;
  readonly #startedAt = performance.now();
  readonly #errors: RecentError[] = [];
  readonly #hide: (text: string) => string;
  #firstMediaCount = 0;
  #firstMediaMs = 0;

  /** @param hide - takes prompts out of what a worker said */
  constructor(hide: (text: string) => string) {
    this.#hide = hide;
  }

  firstMedia(milliseconds: number): void {
    this.#firstMediaCount += 1;
    this.#firstMediaMs += milliseconds;
  }

  error(error: FastVideoError, sessionId?: string): void {
    const { code } = error;
    this.#errors.unshift({
      ts: new Date().toISOString(),
      code,
      message: clientText(ownErrors.has(code) ? this.#hide(error.message) : withoutQuotes(error)).slice(
        0,
        longestMessage,
      ),
      session_id: sessionId ?? null,
    });
    this.#errors.length = Math.min(this.#errors.length, errorsKept);
  }

  describe(): Pick<ServerStatus, 'totals' | 'recent_errors' | 'uptime_seconds'> {
    return {
      uptime_seconds: Math.round((performance.now() - this.#startedAt) / 1000),
      totals: {
        segments_completed: this.segments.completed,
        segments_failed: this.segments.failed,
        segments_cancelled: this.segments.cancelled,
        media_bytes: this.mediaBytes,
        first_media_count: this.#firstMediaCount,
        first_media_ms_sum: Math.round(this.#firstMediaMs * 1000) / 1000,
      },
      recent_errors: [...this.#errors],
    };
  }
}
