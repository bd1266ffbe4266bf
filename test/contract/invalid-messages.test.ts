import { invalidMessageTests } from './invalid-messages-tests.ts';
import { sharedServers } from './servers.ts';

invalidMessageTests(sharedServers(), 'mock');
