import { segmentTests } from './segments-tests.ts';
import { sharedServers } from './servers.ts';

segmentTests(sharedServers(), 'serve');
