import { type Box, boxes, children, only } from './boxes.ts';

export interface Track {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Units a second. */
  readonly timescale: number;
  readonly sampleDuration: number;
  /** Four characters of its sample entry, e.g. `avc1`. */
  readonly codec: string;
}

/** What one media segment adds to one track, in the track's units. */
export interface TrackRun {
  readonly trackId: number;
  readonly start: number;
  readonly duration: number;
  readonly samples: number;
}

/** The tracks that an initialization segment declares. */
export function tracksOf(init: Buffer): Track[] {
  const moov = only(init, 'moov');
  const defaults = new Map(
    children(only(moov, 'mvex'), 'trex').map(({ body }) => [body.readUInt32BE(4), body.readUInt32BE(12)]),
  );
  return children(moov, 'trak').map((trak) => {
    const tkhd = only(trak, 'tkhd').body;
    const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
    const mdia = only(trak, 'mdia');
    const mdhd = only(mdia, 'mdhd').body;
    const handler = only(mdia, 'hdlr').body.toString('latin1', 8, 12);
    if (handler !== 'vide' && handler !== 'soun') throw new Error(`Track ${id} is a ${handler} track.`);
    const stsd = only(only(only(mdia, 'minf'), 'stbl'), 'stsd').body;
    return {
      id,
      kind: handler === 'vide' ? 'video' : 'audio',
      timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
      sampleDuration: defaults.get(id) ?? 0,
      codec: boxes(stsd.subarray(8))[0]?.type ?? '',
    };
  });
}

/** What a media segment holds, one entry for each `traf`. Throws unless it is whole `moof` and `mdat` pairs. */
export function runsOf(media: Buffer, tracks: readonly Track[]): TrackRun[] {
  const all = boxes(media);
  const types = all.map(({ type }) => type);
  if (types.length === 0 || !types.every((type, index) => type === (index % 2 === 0 ? 'moof' : 'mdat'))) {
    throw new Error(`A media segment holds ${types.join(' ') || 'nothing'}, not moof and mdat pairs.`);
  }
  if (types.length % 2 !== 0) throw new Error('The last moof of a media segment has no mdat.');
  return all
    .filter(({ type }) => type === 'moof')
    .flatMap((moof) => children(moof, 'traf').map((traf) => readTraf(traf, tracks)));
}

function readTraf(traf: Box, tracks: readonly Track[]): TrackRun {
  const tfhd = only(traf, 'tfhd').body;
  const flags = tfhd.readUInt32BE(0) & 0xffffff;
  const trackId = tfhd.readUInt32BE(4);
  const track = tracks.find(({ id }) => id === trackId);
  if (track === undefined)
    throw new Error(`A fragment is for track ${trackId}, which the init segment lacks.`);
  // Optional fields stand in the order of their flags: 8.8.7.1.
  const beforeDuration = (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  const sampleDuration = flags & 0x8 ? tfhd.readUInt32BE(8 + beforeDuration) : track.sampleDuration;
  const tfdt = only(traf, 'tfdt').body;
  const start = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
  const truns = children(traf, 'trun').map(({ body }) => readTrun(body, sampleDuration));
  return {
    trackId,
    start,
    duration: truns.reduce((sum, { duration }) => sum + duration, 0),
    samples: truns.reduce((sum, { samples }) => sum + samples, 0),
  };
}

function readTrun(body: Buffer, sampleDuration: number): { duration: number; samples: number } {
  const flags = body.readUInt32BE(0) & 0xffffff;
  const samples = body.readUInt32BE(4);
  if (!(flags & 0x100)) return { samples, duration: samples * sampleDuration };
  const first = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  const stride = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  let duration = 0;
  for (let index = 0; index < samples; index += 1) duration += body.readUInt32BE(first + index * stride);
  return { samples, duration };
}
