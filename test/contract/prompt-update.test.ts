import { promptUpdateTests } from './prompt-update-tests.ts';
import { sharedServers } from './servers.ts';

const shared = sharedServers();
promptUpdateTests(shared, 'mock');
promptUpdateTests(shared, 'serve');
