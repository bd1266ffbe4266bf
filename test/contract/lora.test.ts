import { loraTests } from './lora-tests.ts';
import { commands, sharedServers } from './servers.ts';

const shared = sharedServers();
for (const command of commands) loraTests(shared, command);
