import OpenAI from 'openai';
import type { ServerProcess } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';

export function openAiFor({ url }: Pick<ServerProcess, 'url'>, apiKey = 'none'): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}

/** With members that OpenAI does not know. */
export async function begin(
  client: OpenAI,
  body: { readonly prompt: string } & Readonly<Record<string, unknown>>,
): Promise<OpenAI.Video> {
  return await client.videos.create(body);
}

/** The video once it waits no more and is not made any more. */
export async function videoEnded(client: OpenAI, begun: OpenAI.Video): Promise<OpenAI.Video> {
  let video = begun;
  await waitFor(`end of ${begun.id}`, async () => {
    video = await client.videos.retrieve(begun.id);
    return !['queued', 'in_progress'].includes(video.status);
  });
  return video;
}
