import { continuationTests } from './continuation-tests.ts';
import { sharedServers } from './servers.ts';

continuationTests(sharedServers(), 'mock');
