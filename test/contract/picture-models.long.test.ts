import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { ContractClient } from './client.ts';
import { filmOf } from './film.ts';
import { dropped, fromPicture, plainPicture, redOf } from './picture-models.ts';
import { frames, pythonServer, standIn } from './python-servers.ts';
import { makeSegment } from './segment.ts';
import { fileStore } from './shared-stores.ts';
import { resumeAt, ticketOf } from './tickets.ts';

const later = frames - dropped;

describe(
  '`fastvideo serve` with a model of FastVideo that makes videos from a picture',
  needs(python),
  () => {
    it('resumes a session of another server with the last picture of its last segment', async () => {
      await using store = await fileStore();
      const args = [...fromPicture, '--streaming.store', store.url];
      await using one = await pythonServer(standIn, args);
      await using other = await pythonServer(standIn, args);
      await using client = await ContractClient.open(one.url, { initial_image: plainPicture(20) });
      const segments = [await makeSegment(client, 'one'), await makeSegment(client, 'two')];
      const ticket = ticketOf(client);
      one.signal('SIGTERM');
      await one.exited;
      const durationMs = ((frames + later) * 1000) / 24;
      await using resumed = await resumeAt(other.url, ticket, { nextIdx: 2, durationMs });
      segments.push(await makeSegment(resumed, 'three'));
      expect(segments.map(({ complete }) => complete['frames'])).toEqual([frames, later, later]);
      const at = [frames + later - 1, frames + later];
      const [last, next] = await redOf(filmOf(segments), ...at);
      expect(Math.abs((next ?? 0) - (last ?? 0) - 1)).toBeLessThan(4);
    });
  },
);
