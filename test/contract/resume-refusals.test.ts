import { describe } from 'vitest';
import { raceTest, refusalTests } from './resume-refusal-tests.ts';
import { sharedServers } from './servers.ts';
import type { SharedStore } from './shared-stores.ts';

const shared = sharedServers();

refusalTests(shared, 'mock');

describe('one `fastvideo mock` with its memory', () => raceTest(shared, 1, memoryStore));

async function memoryStore(): Promise<SharedStore> {
  return { url: 'memory:', records: async () => [], [Symbol.asyncDispose]: async () => undefined };
}
