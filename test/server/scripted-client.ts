import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import { openingLimits } from '../../src/core/base/opening/opening-limits.ts';
import type { Pool } from '../../src/core/pool/pool.ts';
import type { SafetyFilter } from '../../src/core/safety/safety-filter.ts';
import { ClientSocket } from '../../src/core/server/client-socket.ts';
import { ServerMetrics } from '../../src/core/server/metrics.ts';
import { nativeDialect } from '../../src/core/server/native/dialect.ts';
import { PromptGate } from '../../src/core/server/prompt-gate.ts';
import { speak } from '../../src/core/server/session/connection.ts';
import type { StreamSession } from '../../src/core/server/session/stream-session.ts';
import type { StreamParts, StreamSettings } from '../../src/core/server/session/stream-settings.ts';
import { Uploads } from '../../src/core/server/uploads/uploads.ts';
import { SessionRegistry } from '../../src/core/sessions/registry.ts';
import { ResumableSessions } from '../../src/core/sessions/resume.ts';
import type { Session } from '../../src/core/sessions/session.ts';
import {
  createMemoryBlobStore,
  createMemorySessionStore,
} from '../../src/core/sessions/stores/memory-stores.ts';

interface ScriptedOptions {
  readonly dialect?: typeof nativeDialect;
  readonly filter?: SafetyFilter;
}

const settings: StreamSettings = {
  defaultRequest: {
    seed: 1,
    width: 64,
    height: 64,
    fps: 8,
    numFrames: 8,
    numInferenceSteps: 1,
    guidanceScale: 1,
  },
  adapters: [],
  streamMode: 'av_fmp4',
  segmentCap: 10,
  rolloutCap: 10,
  creation: { modelId: 'fast-ltx23', aspectRatios: [], resolutions: [] },
  realtimeLeadMs: 500,
  sessionTimeoutMs: 60_000,
  opening: openingLimits({ init_total_seconds: 60 }, 60),
  maxQueuedRequests: 8,
  maxPromptChars: 1000,
  maxCuratedPrompts: 2000,
  maxWaitingMessages: 64,
  maxWaitingBytes: 2 ** 20,
  maxPromptCalls: 4,
  maxStateBytes: 2 ** 20,
};

/** One worker that is always free and makes nothing. */
const pool: Pool = {
  start: async () => {},
  acquire: async () => ({
    workerId: 'w',
    gpuId: 0,
    modelId: 'm',
    stateKind: 'k',
    streamsFrames: true,
    capabilities: {
      sound: false,
      pictures: [],
      needs_first_frame: false,
      continuation: 'state' as const,
      adapters: false,
      steering: true,
      limits: {},
    },
    audio: null,
    steering: true,
  }),
  release: () => {},
  run: () => new Promise(() => {}),
  status: () => ({ workers: [], queueDepth: 0 }),
  workerOf: () => 'w',
  unpark: () => false,
  adapters: [],
  applyAdapters: async () => [],
  close: async () => {},
};

/** A client of the native dialect without a network: what it sends is there at once, and it reads everything. */
export class ScriptedClient {
  readonly parts: StreamParts;
  readonly frames: { readonly type: string }[] = [];
  closed: readonly [number, string] | undefined;
  log = '';
  readonly #peer = new EventEmitter();

  constructor({ dialect = nativeDialect, filter }: ScriptedOptions = {}) {
    const metrics = new ServerMetrics();
    const logger = pino(
      {},
      {
        write: (line: string) => {
          this.log += line;
        },
      },
    );
    const stores = {
      sessions: createMemorySessionStore(2 ** 20),
      blobs: createMemoryBlobStore(2 ** 20),
    };
    const images = {
      scratch: { write: async () => ({ path: '', remove: async () => {} }) },
      maxBytes: 1,
      maxPixels: 1,
      onLimit: () => {},
    };
    this.parts = {
      settings,
      pool,
      sessions: new SessionRegistry({ maxSessions: 4, sessionTimeoutMs: 60_000 }),
      resumable: new ResumableSessions({ ...stores, kind: 'memory', ttlMs: 0, logger }),
      metrics,
      gate: new PromptGate(filter, 'block', metrics),
      rewriteDefaults: {},
      images,
      uploads: new Uploads({ maxFiles: 0, maxBytes: 1, ttlMs: 1 }, images, logger),
      openSessionLog: () => ({ write: () => {}, frame: () => {}, close: () => {} }),
      logger,
    };
    const peer = Object.assign(this.#peer, {
      OPEN: 1,
      readyState: 1,
      isPaused: false,
      send: (data: string, sent: () => void) => {
        this.frames.push(JSON.parse(data) as { readonly type: string });
        sent();
      },
      ping: () => {},
      pause: () => {},
      resume: () => {},
      terminate: () => {},
      close: (code: number, reason: string) => {
        this.closed = [code, reason];
        this.#peer.emit('close', code, Buffer.from(reason));
      },
    });
    const client = new ClientSocket(peer as unknown as WebSocket, new PassThrough(), {
      bufferBytes: 2 ** 20,
      pingIntervalMs: 60_000,
      logger,
      rate: { messages_per_second: 10_000, message_burst: 10_000 },
    });
    speak(dialect)(client, this.parts);
  }

  /** The session that it has opened; undefined while there is none. */
  get session(): StreamSession<Session, object> | undefined {
    const [status] = this.parts.sessions.describe(1);
    const session = status && this.parts.sessions.find(status.session_id);
    return session as StreamSession<Session, object> | undefined;
  }

  send(frame: object): void {
    this.#peer.emit('message', Buffer.from(JSON.stringify(frame)), false);
  }
}
