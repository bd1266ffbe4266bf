import { sharedServers } from './servers.ts';
import { strangersTests } from './strangers-tests.ts';

strangersTests(sharedServers(), 'mock');
