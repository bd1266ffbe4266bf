import { createHash } from 'node:crypto';
import { type CommandParser, defineScript } from 'redis';

// One round trip each, atomic for all replicas. `{…}` keeps the keys of a record in one slot of a cluster.
const recordKey = (key: string) => `fastvideo:session:{${key}}`;
const takenKey = (key: string) => `fastvideo:taken:{${key}}`;
const claimKey = (key: string, claim: string) => `fastvideo:claim:{${key}}:${claim}`;

const putRecord = defineScript({
  SCRIPT: `
    if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1`,
  NUMBER_OF_KEYS: 2,
  parseCommand(parser: CommandParser, key: string, record: string, ttlMs: number) {
    parser.pushKey(recordKey(key));
    parser.pushKey(takenKey(key));
    parser.push(record, String(ttlMs));
  },
  transformReply: (reply: unknown): boolean => reply === 1,
});

/**
 * The record is kept for its taker for a while, under a claim that only that caller knows: when the answer is lost
 * with the connection, asking again with the same claim gives it again. `changed`: it is not the one that was wanted.
 */
const takeRecord = defineScript({
  SCRIPT: `
    local record = redis.call('GET', KEYS[1])
    if not record then return redis.call('GET', KEYS[3]) end
    if ARGV[3] ~= '' and redis.sha1hex(record) ~= ARGV[3] then return 0 end
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
    redis.call('SET', KEYS[3], record, 'PX', ARGV[2])
    return record`,
  NUMBER_OF_KEYS: 3,
  parseCommand(
    parser: CommandParser,
    key: string,
    take: {
      readonly claim: string;
      readonly takenMemoryMs: number;
      readonly claimMs: number;
      /** Only this record is taken. */
      readonly record?: string;
    },
  ) {
    parser.pushKey(recordKey(key));
    parser.pushKey(takenKey(key));
    parser.pushKey(claimKey(key, take.claim));
    const hash = take.record === undefined ? '' : createHash('sha1').update(take.record).digest('hex');
    parser.push(String(take.takenMemoryMs), String(take.claimMs), hash);
  },
  transformReply: (reply: unknown): string | 'changed' | undefined => {
    if (reply === 0) return 'changed';
    return typeof reply === 'string' ? reply : undefined;
  },
});

/** The record, also one that was taken under the claim. */
const peekRecord = defineScript({
  SCRIPT: `return redis.call('GET', KEYS[1]) or redis.call('GET', KEYS[2])`,
  NUMBER_OF_KEYS: 2,
  parseCommand(parser: CommandParser, key: string, claim: string) {
    parser.pushKey(recordKey(key));
    parser.pushKey(claimKey(key, claim));
  },
  transformReply: (reply: unknown): string | undefined => (typeof reply === 'string' ? reply : undefined),
});

export const redisScripts = { peekRecord, putRecord, takeRecord };
