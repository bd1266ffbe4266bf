import { raceTest, refusalTests, timeToLiveTests } from './resume-refusal-tests.ts';
import { sharedServers } from './servers.ts';
import { describeSharedStores } from './shared-stores.ts';

refusalTests(sharedServers(), 'serve');

describeSharedStores(
  (kind) => `two \`fastvideo mock\` that share ${kind}`,
  (makeStore) => raceTest(sharedServers(), 2, makeStore),
);

describeSharedStores(
  (kind) => `streaming.resume_ttl_seconds, with sessions kept in ${kind}`,
  timeToLiveTests,
);
