import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyRouter } from '../router/router-process.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { clientModuleTests } from './client-module-tests.ts';
import { quick, readyServer, sharedServers } from './servers.ts';

describe.each(['mock', 'router'] as const)('%s', (command) => {
  let replica: ServerProcess;
  let server: ServerProcess;
  beforeAll(async () => {
    replica = await readyServer('mock', [...quick, '--server.api_keys', '["open sesame"]']);
    server = command === 'router' ? await readyRouter([replica.url]) : replica;
  });
  afterAll(async () => {
    await server?.stop();
    await replica?.stop();
  });
  clientModuleTests(() => server);
});

const shared = sharedServers();

it("an operator's web app may have a file of that name", async () => {
  const { directory } = await shared('mock', quick);
  await writeFile(join(directory, 'index.html'), '<title>App</title>');
  await writeFile(join(directory, 'client.js'), 'own();');
  await using server = await startServer({ command: 'mock', args: [...quick, '--static', directory] });
  expect(await (await fetch(`${server.url}/client.js`)).text()).toBe('own();');
  expect((await fetch(`${server.url}/client.js.map`)).status).toBe(200);
});
