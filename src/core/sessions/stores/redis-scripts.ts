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
 * with the connection, asking again with the same claim gives it again.
 */
const takeRecord = defineScript({
  SCRIPT: `
    local record = redis.call('GET', KEYS[1])
    if not record then return redis.call('GET', KEYS[3]) end
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
    redis.call('SET', KEYS[3], record, 'PX', ARGV[2])
    return record`,
  NUMBER_OF_KEYS: 3,
  parseCommand(
    parser: CommandParser,
    key: string,
    take: { readonly claim: string; readonly takenMemoryMs: number; readonly claimMs: number },
  ) {
    parser.pushKey(recordKey(key));
    parser.pushKey(takenKey(key));
    parser.pushKey(claimKey(key, take.claim));
    parser.push(String(take.takenMemoryMs), String(take.claimMs));
  },
  transformReply: (reply: unknown): string | undefined => (typeof reply === 'string' ? reply : undefined),
});

export const redisScripts = { putRecord, takeRecord };
