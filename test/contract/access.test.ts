import { accessTests } from './access-tests.ts';
import { sharedServers } from './servers.ts';

accessTests(sharedServers(), 'mock');
