import type { ContractClient, Frame } from './client.ts';

export interface Segment {
  readonly start: Frame;
  readonly steps: readonly Frame[];
  readonly mediaInit: Frame;
  readonly init: Buffer;
  readonly media: readonly Buffer[];
  readonly mediaComplete: Frame;
  readonly complete: Frame;
  /** Types in the order in which they came, runs of the same one told once; `init` and `media` are binary. */
  readonly order: readonly string[];
}

/** Reads one whole segment, up to its `ltx2_segment_complete`. The rules of the stream are checked by the client. */
export async function readSegment(client: ContractClient): Promise<Segment> {
  const frames: Frame[] = [];
  const binary: Buffer[] = [];
  const order: string[] = [];
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`The connection closed (${received.code}) in a segment.`);
    if (received.kind === 'binary') {
      add(order, binary.length === 0 ? 'init' : 'media');
      binary.push(received.data);
      continue;
    }
    const { frame } = received;
    if (frame.type === 'error') throw new Error(`A segment ended in ${JSON.stringify(frame)}.`);
    add(order, frame.type);
    frames.push(frame);
    if (frame.type === 'ltx2_segment_complete') break;
  }
  const only = (type: string) => {
    const found = frames.find((frame) => frame.type === type);
    if (found === undefined) throw new Error(`The segment had no ${type}.`);
    return found;
  };
  const [init, ...media] = binary;
  if (init === undefined) throw new Error('The segment had no binary frame.');
  return {
    start: only('ltx2_segment_start'),
    steps: frames.filter(({ type }) => type === 'step_complete'),
    mediaInit: only('media_init'),
    init,
    media,
    mediaComplete: only('media_segment_complete'),
    complete: only('ltx2_segment_complete'),
    order,
  };
}

/** Asks for a segment and reads it. */
export async function makeSegment(
  client: ContractClient,
  prompt: string,
  fields: object = {},
): Promise<Segment> {
  client.prompt(prompt, fields);
  return await readSegment(client);
}

function add(order: string[], type: string): void {
  if (order.at(-1) !== type) order.push(type);
}
