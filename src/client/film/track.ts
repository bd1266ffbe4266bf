import { type Box, BoxFields, childBoxes, malformed, requireBox } from '../../core/media/mp4/box.ts';

/** One track as the initialization segment describes it. */
export interface Track {
  readonly id: number;
  /** `vide` or `soun`. */
  readonly handler: string;
  /** Ticks a second. */
  readonly timescale: number;
  /** Ticks of a sample where the fragments do not say; 0 when it is not said here either. */
  readonly sampleDuration: number;
  /** `stsd` (ISO/IEC 14496-12, section 8.5.2): the codec, its parameters and the size of the picture. */
  readonly descriptions: Uint8Array;
}

/** The tracks of an initialization segment. Throws `encoder_failed` when it is malformed. */
export function readTracks(init: Uint8Array): Track[] {
  const moov = requireBox(init, 'moov');
  const defaults = sampleDurations(init, moov);
  return [...childBoxes(init, moov)]
    .filter(({ type }) => type === 'trak')
    .map((trak) => {
      const id = readTrackId(init, requireBox(init, 'tkhd', trak));
      const hdlr = requireBox(init, 'mdia/hdlr', trak);
      const stsd = requireBox(init, 'mdia/minf/stbl/stsd', trak);
      return {
        id,
        // FullBox version and flags, then pre_defined.
        handler: String.fromCharCode(...init.subarray(hdlr.body + 8, hdlr.body + 12)),
        timescale: readTimescale(init, requireBox(init, 'mdia/mdhd', trak)),
        sampleDuration: defaults.get(id) ?? 0,
        descriptions: init.slice(stsd.body, stsd.end),
      };
    });
}

/** `tkhd.track_ID` (section 8.3.2) stands behind two times of 4 or, in version 1, 8 bytes. */
function readTrackId(data: Uint8Array, tkhd: Box): number {
  const fields = new BoxFields(data, tkhd);
  return fields.uint32(4 + timesSize(fields));
}

/** `mdhd.timescale` (section 8.4.2) stands behind the same two times. */
function readTimescale(data: Uint8Array, mdhd: Box): number {
  const fields = new BoxFields(data, mdhd);
  const timescale = fields.uint32(4 + timesSize(fields));
  if (timescale === 0) throw malformed("'mdhd' has a timescale of 0");
  return timescale;
}

function timesSize(fields: BoxFields): number {
  return fields.uint8(0) === 1 ? 16 : 8;
}

/** `trex` (section 8.8.3): track_ID, default_sample_description_index, default_sample_duration. */
function sampleDurations(init: Uint8Array, moov: Box): Map<number, number> {
  return new Map(
    [...childBoxes(init, requireBox(init, 'mvex', moov))]
      .filter(({ type }) => type === 'trex')
      .map((trex) => new BoxFields(init, trex))
      .map((trex) => [trex.uint32(4), trex.uint32(12)]),
  );
}

/** What differs, in words, when media of the one cannot follow media of the other in one file. */
export function trackDifference(
  left: readonly Track[],
  right: readonly Track[],
  names: (handler: string) => string = (handler) => (handler === 'vide' ? 'picture' : 'sound'),
): string | undefined {
  if (left.length !== right.length) return `${left.length} tracks, then ${right.length}`;
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined || one.id !== other.id || one.handler !== other.handler) return 'other tracks';
    if (one.timescale !== other.timescale) return `another timescale of the ${names(one.handler)}`;
    if (!sameBytes(one.descriptions, other.descriptions)) {
      return `another codec or size of the ${names(one.handler)}`;
    }
  }
  return undefined;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
