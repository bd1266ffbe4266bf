import type { FastifyRequest } from 'fastify';
import { parseJson } from '../../base/json.ts';
import { type Video, type VideoList, VideoListSchema } from '../../protocol/http/videos.ts';
import type { HttpAnswer } from '../replicas/http-send.ts';
import type { Replica } from '../replicas/replica.ts';
import { ask, unanswered } from './ask-replica.ts';

export interface ListQuery {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
}

/** A replica keeps about a thousand ended jobs by default. */
const mostPages = 50;
const pageLength = 100;

/** The videos of all replicas in one list; what a replica answers that gives none. Undefined where `after` is not among them. */
export async function listVideos(
  replicas: readonly Replica[],
  request: FastifyRequest,
  { after, limit, order }: ListQuery,
): Promise<{ readonly list: VideoList | undefined } | { readonly refused: HttpAnswer }> {
  const lists = await Promise.all(replicas.map((replica) => allOf(replica, request)));
  const videos: Video[] = [];
  for (const list of lists) {
    // A list is of those that can be asked.
    if ('refused' in list && list.refused.status === unanswered && lists.length > 1) continue;
    if ('refused' in list) return list;
    videos.push(...list.videos);
  }
  // Each list is in order, and sorting keeps it.
  videos.sort((one, other) => other.created_at - one.created_at);
  if (order === 'asc') videos.reverse();
  const at = after === undefined ? 0 : videos.findIndex(({ id }) => id === after) + 1;
  if (at === 0 && after !== undefined) return { list: undefined };
  const data = videos.slice(at, at + limit);
  return {
    list: {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: at + limit < videos.length,
    },
  };
}

/** The newest first. */
async function allOf(
  replica: Replica,
  request: FastifyRequest,
): Promise<{ readonly videos: readonly Video[] } | { readonly refused: HttpAnswer }> {
  const videos: Video[] = [];
  let after = '';
  for (let page = 0; page < mostPages; page += 1) {
    const search = `?limit=${pageLength}${after === '' ? '' : `&after=${after}`}`;
    const answer = await ask(replica, request, { method: 'GET', path: '/v1/videos', search });
    // One that was the last of its page may have gone meanwhile.
    if (answer.status === 404 && after !== '') break;
    const list = answer.status === 200 ? VideoListSchema.safeParse(parseJson(answer.body)).data : undefined;
    if (!list) return { refused: answer };
    videos.push(...list.data);
    const last = list.last_id;
    if (!list.has_more || last === null) break;
    after = last;
  }
  return { videos };
}
