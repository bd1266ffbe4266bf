import { describe, expect, it } from 'vitest';
import { steerable } from '../prompt-update-tests.ts';
import { commands, promptsAsTheyAre, sharedServers } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const shared = sharedServers();

describe.each(commands)('`prompt_update` on /ws of `fastvideo %s`', (command) => {
  it('changes the running segment, which counts from 1', async () => {
    const server = await shared(command, [...steerable, ...promptsAsTheyAre]);
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'], realtime: true });
    expect(await client.until('gpu_assigned')).toMatchObject({ steering: true });
    await client.until('media_init');
    client.send({ type: 'prompt_update', prompt: 'two', segment_idx: 2 });
    // For the person who reads it, and for the program.
    expect(await client.until('error')).toMatchObject({
      code: 'invalid_message',
      message: 'The picture cannot turn to these words now. Use them for the next part.',
      about: {
        message: 'prompt_update',
        detail: expect.stringMatching(/of segment 2 .* segment 1 is being made/),
      },
    });
    client.send({ type: 'prompt_update', prompt: 'two', segment_idx: 1 });
    expect(await client.until('prompt_updated')).toMatchObject({ segment_idx: 1, prompt: 'two' });
    client.send({ type: 'leave' });
    await client.close();
  });
});
