import { basename } from 'node:path';
import { errorMessage } from '../../base/errors.ts';
import type { Part } from '../../base/lifecycle.ts';
import type { ClientSocket } from '../client-socket.ts';
import { type PlayerOptions, playRecording } from './player.ts';
import type { Recording } from './recording.ts';

/** Answers connections from recordings: each gets the next one of its path, after the last the first again. */
export class Replays implements Part {
  readonly name = 'replays';
  readonly #recordings: readonly Recording[];
  readonly #options: PlayerOptions;
  readonly #next = new Map<string, number>();
  readonly #clients = new Set<ClientSocket>();
  #draining = false;

  constructor(recordings: readonly Recording[], options: PlayerOptions) {
    this.#recordings = recordings;
    this.#options = options;
  }

  has(path: string): boolean {
    return this.#of(path).length > 0;
  }

  serve(path: string, client: ClientSocket): void {
    const recordings = this.#of(path);
    const turn = this.#next.get(path) ?? 0;
    this.#next.set(path, (turn + 1) % recordings.length);
    const recording = recordings[turn];
    if (!recording || this.#draining) client.close(1001, 'server_draining');
    else void this.#play(recording, client);
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(
      [...this.#clients].map(async (client) => {
        client.close(1001, 'server_draining');
        await client.closed(1000);
      }),
    );
  }

  #of(path: string): readonly Recording[] {
    return this.#recordings.filter((recording) => recording.path === path);
  }

  async #play(recording: Recording, client: ClientSocket): Promise<void> {
    const name = basename(recording.indexFile);
    const logger = this.#options.logger.child({ recording: name });
    this.#clients.add(client);
    logger.info({ dialect_path: recording.path }, 'replay begins');
    try {
      await playRecording(recording, client, { ...this.#options, logger });
      logger.info({}, 'replay ended');
    } catch (error) {
      logger.error({ error: errorMessage(error) }, 'replay failed');
      client.close(1011, 'replay_failed');
      await client.closed(1000);
    } finally {
      this.#clients.delete(client);
    }
  }
}
