import { z } from 'zod';

/** Which replica holds a session, and under which name where the client knows another one. */
export const AffinityRecordSchema = z.object({
  url: z.string(),
  moved: z.object({ client_token_hash: z.string(), session_id: z.string(), token: z.string() }).optional(),
});
export type AffinityRecord = z.infer<typeof AffinityRecordSchema>;

export interface AffinityStore {
  put(sessionId: string, record: AffinityRecord): void;
  /** Never rejects: what cannot be asked is not known. */
  get(sessionId: string): Promise<AffinityRecord | undefined>;
  close(): Promise<void>;
}
