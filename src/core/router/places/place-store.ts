import { z } from 'zod';

/** Which replica holds a session, and under which name where the client knows another one. */
export const PlaceRecordSchema = z.object({
  url: z.string(),
  moved: z.object({ client_token_hash: z.string(), session_id: z.string(), token: z.string() }).optional(),
});
export type PlaceRecord = z.infer<typeof PlaceRecordSchema>;

export interface PlaceStore {
  put(sessionId: string, record: PlaceRecord): void;
  /** Never rejects: what cannot be asked is not known. */
  get(sessionId: string): Promise<PlaceRecord | undefined>;
  close(): Promise<void>;
}
