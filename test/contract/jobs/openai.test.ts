import { sharedServers } from '../servers.ts';
import { openAiTests } from './openai-tests.ts';

openAiTests(sharedServers(), 'mock');
