import { z } from 'zod';
import { isBase64 } from '../base/base64.ts';
import { FastVideoError } from '../base/errors.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import { isLargeMember, replaceInPayload } from '../protocol/state-members.ts';
import type { BlobStore } from './stores/store.ts';

/** Stands in a state for a member that lies in the blob store. */
const BlobReferenceSchema = z.strictObject({
  $ref: z.strictObject({
    blob_id: z.string().min(1).max(100),
    encoding: z.enum(['utf8', 'binary']),
    bytes: z.int().min(0),
  }),
});
type BlobReference = z.infer<typeof BlobReferenceSchema>;

/** Stands for bytes where there is only JSON. */
const Base64Schema = z.strictObject({
  $base64: z.string().refine((text) => text.length % 4 === 0 && isBase64(text), 'not base64'),
});

/** Members of one state that stand for others; each is looked at closely. */
const mostStandIns = 4096;

/** A byte order mark at the beginning is a character of the string like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export interface StateBounds {
  /** Bytes that a state may refer to, counted as often as it does. */
  readonly maxBytes: number;
  /** Called when it is refused because of that. */
  readonly onLimit: () => void;
}

/** A state without large members, and the blobs that hold them. */
export interface StoredState {
  readonly state: ContinuationState;
  readonly blobIds: readonly string[];
}

/** Puts the large members into the store. Throws what the store throws; what was put before is removed then. */
export async function storeState(
  { kind, payload }: ContinuationState,
  blobs: BlobStore,
  ttlMs: number,
): Promise<StoredState> {
  const large = new Map<string | Uint8Array, BlobReference | undefined>();
  replaceInPayload(payload, (member) => {
    if (isLargeMember(member)) large.set(member, undefined);
    return member;
  });
  const blobIds: string[] = [];
  try {
    for (const member of large.keys()) {
      const bytes = typeof member === 'string' ? new TextEncoder().encode(member) : member;
      const blobId = await blobs.put(bytes, ttlMs);
      blobIds.push(blobId);
      const encoding = typeof member === 'string' ? 'utf8' : 'binary';
      large.set(member, { $ref: { blob_id: blobId, encoding, bytes: bytes.length } });
    }
  } catch (error) {
    // What the store cannot remove now it forgets after the time to live.
    await Promise.allSettled(blobIds.map((blobId) => blobs.delete(blobId)));
    throw error;
  }
  const stored = replaceInPayload(payload, (member) =>
    isLargeMember(member) ? (large.get(member) ?? member) : member,
  );
  return { state: { kind, payload: stored }, blobIds };
}

/**
 * Puts members that stand as references or as base64 back. Throws `preset_mismatch` for a blob that is not there any
 * more, or a state that no one can have got from here, and `invalid_message` for one beyond the bounds (default: none,
 * for what was kept here).
 */
export async function loadState(
  { kind, payload }: ContinuationState,
  blobs: BlobStore,
  bounds?: StateBounds,
): Promise<ContinuationState> {
  const members = new Map<string, string | Uint8Array>();
  let resolvedBytes = 0;
  for (const { $ref } of referencesIn(payload)) {
    const known = members.get($ref.blob_id);
    const bytes = known === undefined ? await blobs.get($ref.blob_id) : undefined;
    resolvedBytes += known?.length ?? bytes?.length ?? 0;
    if (bounds && resolvedBytes > bounds.maxBytes) {
      bounds.onLimit();
      const limit = `the limit is ${bounds.maxBytes}`;
      throw new FastVideoError(
        'invalid_message',
        `The continuation state refers to at least ${resolvedBytes} bytes, ${limit}.`,
      );
    }
    if (known !== undefined) continue;
    if (!bytes) {
      const what = `The continuation state refers to the blob "${$ref.blob_id}"`;
      throw new FastVideoError('preset_mismatch', `${what}, which does not exist any more.`);
    }
    members.set($ref.blob_id, $ref.encoding === 'utf8' ? decoder.decode(bytes) : bytes);
  }
  const loaded = replaceInPayload(payload, (member) => {
    const reference = standsIn(member, '$ref', BlobReferenceSchema);
    if (reference) return members.get(reference.$ref.blob_id);
    const base64 = standsIn(member, '$base64', Base64Schema);
    return base64 ? new Uint8Array(Buffer.from(base64.$base64, 'base64')) : member;
  });
  return { kind, payload: loaded };
}

/** The state as JSON for a client: bytes become `{"$base64": "…"}`. */
export function inlineState({ kind, payload }: ContinuationState): ContinuationState {
  const inlined = replaceInPayload(payload, (member) =>
    member instanceof Uint8Array ? { $base64: Buffer.from(member).toString('base64') } : member,
  );
  return { kind, payload: inlined };
}

function referencesIn(payload: ContinuationState['payload']): BlobReference[] {
  const references: BlobReference[] = [];
  let standIns = 0;
  replaceInPayload(payload, (member) => {
    if (isNamed(member, '$ref') || isNamed(member, '$base64')) standIns += 1;
    if (standIns > mostStandIns) {
      const problem = `has more than ${mostStandIns} members "$ref" and "$base64"`;
      throw new FastVideoError('invalid_message', `The continuation state ${problem}.`);
    }
    const reference = standsIn(member, '$ref', BlobReferenceSchema);
    if (reference) references.push(reference);
    return member;
  });
  return references;
}

/** A member that stands for another value. The schema is asked only where the name is there: states have many members. */
function standsIn<Value>(member: unknown, name: string, schema: z.ZodType<Value>): Value | undefined {
  if (!isNamed(member, name)) return undefined;
  const parsed = schema.safeParse(member);
  return parsed.success ? parsed.data : undefined;
}

function isNamed(member: unknown, name: string): boolean {
  return typeof member === 'object' && member !== null && Object.hasOwn(member, name);
}
