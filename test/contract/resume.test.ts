import { resumeTests } from './resume-tests.ts';
import { sharedServers } from './servers.ts';

resumeTests(sharedServers(), 'mock');
