import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import { ProjectServerFrameSchema } from '../../../src/core/protocol/project/server-frames.ts';
import { CheckedClient } from '../checked-client.ts';
import type { Frame } from '../frame-documents.ts';
import { ProjectRules } from './project-rules.ts';

/** A client of `/ws`. */
export class ProjectClient extends CheckedClient<ProjectRules> {
  static async connect(url: string): Promise<ProjectClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { perMessageDeflate: false });
    const client = new ProjectClient(socket, new ProjectRules());
    await once(socket, 'open');
    return client;
  }

  /** Connects and sends `session_init_v2` with the given fields. */
  static async open(url: string, init: object = {}): Promise<ProjectClient> {
    const client = await ProjectClient.connect(url);
    client.send({ type: 'session_init_v2', ...init });
    return client;
  }

  /** Goes on to the end of the next segment; gives its `ltx2_segment_start`. */
  async segment(): Promise<Frame> {
    const start = await this.until('ltx2_segment_start');
    await this.until('ltx2_segment_complete');
    return start;
  }

  protected problemOf(frame: Frame): string | undefined {
    const parsed = ProjectServerFrameSchema.safeParse(frame);
    if (!parsed.success) return parsed.error.message;
    // The schema drops what it does not know.
    return isDeepStrictEqual(parsed.data, frame) ? undefined : 'has unknown fields';
  }
}
