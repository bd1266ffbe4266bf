import { librarySessionTests } from './library-session-tests.ts';
import { sharedServers } from './servers.ts';

librarySessionTests(sharedServers(), 'mock');
