import { imageTests } from './images-tests.ts';
import { sharedServers } from './servers.ts';

imageTests(sharedServers(), 'mock');
