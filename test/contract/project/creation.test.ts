import { sharedServers } from '../servers.ts';
import { creationTests } from './creation-tests.ts';

creationTests(sharedServers(), 'mock');
