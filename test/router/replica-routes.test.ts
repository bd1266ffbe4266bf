import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { ProjectClient } from '../contract/project/project-client.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { png } from '../sessions/pictures.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { becomes, readyRouter, stopAll } from './router-process.ts';

const token = 'a-token-of-at-least-sixteen-bytes';

describe("the replicas' routes at the router", () => {
  let replicas: ServerProcess[];
  let router: ServerProcess;
  beforeAll(async () => {
    replicas = await Promise.all([readyServer('mock', quick), readyServer('mock', quick)]);
    const urls = replicas.map(({ url }) => url);
    router = await readyRouter(
      urls.map((url, index) => ({ url, primary: index === 1 })),
      { admin_token: token },
    );
    for (const url of urls) await becomes(router, url, 'healthy');
  });
  afterAll(async () => stopAll(router, ...replicas));

  const json = async (url: string): Promise<unknown> => await (await fetch(url)).json();
  const change = (text: string, headers: Record<string, string> = {}) =>
    fetch(`${router.url}/prompt-system-config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ next_segment_system_prompt: text }),
    });

  it('are answered as one replica answers them', async () => {
    for (const path of ['/prompt-system-config', '/curated-presets', '/creation-capabilities']) {
      expect(await json(`${router.url}${path}`)).toEqual(await json(`${replicas[1]?.url}${path}`));
    }
  });

  it('change the system prompts of all replicas, with the admin token only', async () => {
    expect((await change('Be brief.')).status).toBe(401);
    expect((await change('Be brief.', { authorization: 'Bearer wrong' })).status).toBe(401);
    for (const { url } of replicas) {
      expect(await json(`${url}/prompt-system-config`)).not.toMatchObject({
        next_segment_system_prompt: 'Be brief.',
      });
    }
    const authorization = `Bearer ${token}`;
    expect((await change(' ', { authorization })).status).toBe(400);
    expect((await change('Be brief.', { authorization })).status).toBe(200);
    for (const { url } of replicas) {
      expect(await json(`${url}/prompt-system-config`)).toMatchObject({
        next_segment_system_prompt: 'Be brief.',
      });
    }
  });

  it('take a picture that a session may be made from at whichever replica', async () => {
    const picture = png({ width: 8, height: 8 });
    const headers = { 'content-type': 'image/png', 'x-asset-name': 'fox.png' };
    const answer = await fetch(`${router.url}/uploads`, {
      method: 'POST',
      headers,
      body: new Uint8Array(picture),
    });
    expect(answer.status).toBe(201);
    const { asset_id, url, name } = (await answer.json()) as Record<string, string>;
    expect(name).toBe('fox.png');
    for (const replica of [...replicas, router]) {
      const shown = await fetch(`${replica.url}${url}`);
      expect(shown.headers.get('content-type')).toBe('image/png');
      expect(Buffer.from(await shown.arrayBuffer())).toEqual(picture);
    }
    await using client = await ProjectClient.open(router.url, {
      ...{ generation_mode: 'ref2va', reference_asset_ids: [asset_id], curated_prompts: ['one'] },
    });
    expect(await client.until('gpu_assigned')).toMatchObject({ generation_mode: 'ref2va' });
    const remove = async () => (await fetch(`${router.url}${url}`, { method: 'DELETE' })).status;
    expect(await remove()).toBe(409);
    client.send({ type: 'leave' });
    await client.close();
    await expect.poll(remove).toBe(204);
    expect((await fetch(`${router.url}${url}`)).status).toBe(404);
    expect((await fetch(`${router.url}/uploads`, { method: 'POST', headers, body: 'none' })).status).toBe(
      400,
    );
  });

  it('count the answers of prompt providers', async () => {
    const [replica] = replicas;
    await using client = await ContractClient.open(replica?.url ?? '', { enhancement_enabled: true });
    await makeSegment(client, 'a fox');
    await client[Symbol.asyncDispose]();
    expect(await json(`${replica?.url}/internal/monitor/sessions`)).toEqual({
      ...{ service: 'ltx2-streaming-mock-server', pending_sessions: 0, max_available_sessions: 1 },
      ...{ prompt_provider_success_counts: { echo: 1 }, ts: expect.any(String) },
    });
    expect(await json(`${router.url}/status`)).toMatchObject({
      totals: { replicas: 2, healthy_replicas: 2, active_sessions: 0, pending_sessions: 0, workers: 2 },
    });
  });

  it('tell a web app what those of a server tell', async () => {
    const status = await json(`${router.url}/status`);
    expect(status).toMatchObject({ total_gpus: 2, available_gpus: 2, queue_size: 0 });
    const names = replicas.map(({ url }) => `${new URL(url).host}/0`);
    expect(status).toHaveProperty('gpu_status');
    expect(Object.keys((status as { gpu_status: object }).gpu_status)).toEqual(names);
    expect(await json(`${router.url}/healthz`)).toMatchObject({
      status: 'ok',
      service: 'ltx2-streaming-backend',
    });
  });
});

it('are not changed through a router that has no admin token, and are unavailable without a replica', async () => {
  await using router = await readyRouter(['http://127.0.0.1:9']);
  const url = `${router.url}/prompt-system-config`;
  expect((await fetch(url, { method: 'POST' })).status).toBe(403);
  const answer = await fetch(url);
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'gpu_unavailable' }]);
});
