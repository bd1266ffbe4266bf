import type { ContractClient } from './client.ts';
import { runsOf, type Track, tracksOf } from './tracks.ts';

/** Where each track ends that the client has, in the track's units, and how long the video is. */
export function whatCame(client: ContractClient): { ends: Map<number, number>; durationMs: number } {
  const { tracks, ends } = cameSoFar(client);
  const video = tracks.find(({ kind }) => kind === 'video');
  if (video === undefined) throw new Error('There is no video track.');
  return { ends, durationMs: ((ends.get(video.id) ?? 0) * 1000) / video.timescale };
}

/** Reads on until some of each track has come, so that all have an end. */
export async function untilAllTracks(client: ContractClient): Promise<void> {
  do await client.untilBinary();
  while (!hasAllTracks(client));
}

function hasAllTracks(client: ContractClient): boolean {
  const { tracks, ends } = cameSoFar(client);
  return tracks.every(({ id }) => ends.has(id));
}

function cameSoFar(client: ContractClient): { tracks: readonly Track[]; ends: Map<number, number> } {
  const [init, ...media] = client.received.flatMap((one) => (one.kind === 'binary' ? [one.data] : []));
  if (init === undefined) throw new Error('No media came.');
  const tracks = tracksOf(init);
  const runs = media.flatMap((data) => runsOf(data, tracks));
  const ends = new Map(runs.map(({ trackId, start, duration }) => [trackId, start + duration]));
  return { tracks, ends };
}

/** Where each track of the next segment starts, in the track's units. */
export async function nextStarts(client: ContractClient): Promise<Map<number, number>> {
  const tracks = tracksOf(await client.untilBinary());
  const starts = new Map<number, number>();
  while (starts.size < tracks.length) {
    for (const { trackId, start } of runsOf(await client.untilBinary(), tracks)) {
      if (!starts.has(trackId)) starts.set(trackId, start);
    }
  }
  return starts;
}
