import type { ContinuationState } from '../../protocol/continuation-state.ts';
import { isLargeMember, replaceInPayload } from '../../protocol/state-members.ts';
import { type BlobPlace, BlobPlaceSchema } from '../../protocol/worker/messages.ts';

/** A state as it travels: large members lie in the message's payload, their places stand in the JSON. */
export interface PackedState {
  readonly state: ContinuationState;
  readonly blobs: readonly Uint8Array[];
}

/** Takes the large members out. `offset` is where the first of them will lie in the payload. */
export function packState({ kind, payload }: ContinuationState, offset = 0): PackedState {
  const blobs: Uint8Array[] = [];
  let next = offset;
  const packed = replaceInPayload(payload, (member) => {
    if (!isLargeMember(member)) return member;
    const bytes = typeof member === 'string' ? new TextEncoder().encode(member) : member;
    const encoding = typeof member === 'string' ? 'utf8' : 'binary';
    const place: BlobPlace = { $blob: { offset: next, length: bytes.length, encoding } };
    blobs.push(bytes);
    next += bytes.length;
    return place;
  });
  return { state: { kind, payload: packed }, blobs };
}

/** A byte order mark at the beginning is a character of the string like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Puts the members back. Throws a `RangeError` for what is no place in the payload. */
export function unpackState({ kind, payload }: ContinuationState, bytes: Uint8Array): ContinuationState {
  const unpacked = replaceInPayload(payload, (member) => {
    if (typeof member !== 'object' || member === null || !('$blob' in member)) return member;
    const place = BlobPlaceSchema.safeParse(member);
    if (!place.success) {
      throw new RangeError(`${JSON.stringify(member).slice(0, 100)} is not the position of a blob.`);
    }
    const { offset, length, encoding } = place.data.$blob;
    if (offset + length > bytes.length) {
      throw new RangeError(`A blob at ${offset}, ${length} bytes, is outside a payload of ${bytes.length}.`);
    }
    // Copied: a slice would keep the whole message alive.
    const blob = bytes.slice(offset, offset + length);
    return encoding === 'utf8' ? decoder.decode(blob) : blob;
  });
  return { kind, payload: unpacked };
}
