import { describe } from 'vitest';
import { accessTests } from './access-tests.ts';
import { continuationTests } from './continuation-tests.ts';
import { failureTests, manySessionsTest } from './failures-tests.ts';
import { httpTests } from './http-tests.ts';
import { imageTests } from './images-tests.ts';
import { invalidMessageTests } from './invalid-messages-tests.ts';
import { legacyJpegTests, streamModeTests } from './legacy-jpeg-tests.ts';
import { librarySessionTests } from './library-session-tests.ts';
import { limitTests, sessionLimitTests, waitingTests } from './limits-tests.ts';
import { noSystemPromptsTest, promptTests } from './prompts-tests.ts';
import { resumeTests } from './resume-tests.ts';
import { safetyTests, uncheckedTest } from './safety-tests.ts';
import { segmentTests } from './segments-tests.ts';
import { commands, sharedServers } from './servers.ts';
import { steeringTests } from './steering-tests.ts';

/** What the quick tier shows with one of the commands, with the other one; and what it leaves out. */
const shared = sharedServers();

segmentTests(shared, 'mock');
for (const tests of [
  accessTests,
  continuationTests,
  failureTests,
  httpTests,
  imageTests,
  invalidMessageTests,
  legacyJpegTests,
  librarySessionTests,
  limitTests,
  promptTests,
  resumeTests,
  safetyTests,
  steeringTests,
]) {
  tests(shared, 'serve');
}
for (const command of commands) {
  manySessionsTest(shared, command);
  sessionLimitTests(shared, command);
  streamModeTests(command);
}
waitingTests();
describe('a safety filter that is switched on but cannot load', uncheckedTest);
describe('the system prompts', noSystemPromptsTest);
