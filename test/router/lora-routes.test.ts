import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyLora } from '../contract/lora-tests.ts';
import { quick, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { becomes, readyRouter, stopAll } from './router-process.ts';

const token = 'a-token-of-at-least-sixteen-bytes';
const authorization = `Bearer ${token}`;
const withStyles = (...names: readonly string[]) => [
  ...quick,
  '--generator.adapters',
  JSON.stringify(names.map((name) => ({ name, trigger: name.toUpperCase() }))),
];

describe('the adapters of the replicas at the router', () => {
  let replicas: ServerProcess[];
  let router: ServerProcess;
  beforeAll(async () => {
    replicas = await Promise.all([
      readyServer('mock', withStyles('pixar', 'cut')),
      readyServer('mock', withStyles('pixar')),
    ]);
    const urls = replicas.map(({ url }) => url);
    router = await readyRouter(
      urls.map((url, index) => ({ url, name: `r${index}`, primary: index === 0 })),
      { admin_token: token },
    );
    for (const url of urls) await becomes(router, url, 'healthy');
  });
  afterAll(async () => stopAll(router, ...replicas));

  const strengths = async () =>
    await Promise.all(
      replicas.map(async ({ url }) => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return metrics.match(/^fastvideo_adapter_strength\{.*$/gm) ?? [];
      }),
    );

  it('are told by the primary', async () => {
    const answer = await (await fetch(`${router.url}/lora/options`)).json();
    expect(answer).toMatchObject({ styles: ['none', 'pixar', 'cut'], has_base_lora: false });
  });

  it('are applied at all of them, with the admin token only', async () => {
    const wish = { styles: { pixar: 0.5 } };
    expect((await applyLora(router, wish)).status).toBe(401);
    expect((await applyLora(router, wish, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect(await strengths()).toEqual([[], []]);
    expect(await applyLora(router, wish, { authorization })).toEqual({
      status: 200,
      answer: {
        ...{ applied: true, strength: 1, styles: { pixar: 0.5 }, triggers: { pixar: 'PIXAR' } },
        gpus: { 'r0/0': 'PIXAR', 'r1/0': 'PIXAR' },
      },
    });
    const applied = ['fastvideo_adapter_strength{adapter="pixar"} 0.5'];
    expect(await strengths()).toEqual([applied, applied]);
  });

  it('that one refuses are refused in its name, and the others have them', async () => {
    const said = 'The replica r1: Unknown style for active model: cut; it has pixar.';
    expect(await applyLora(router, { styles: { cut: 1 } }, { authorization })).toEqual({
      status: 400,
      answer: { code: 'invalid_message', message: said, detail: said },
    });
    expect((await strengths())[0]).toEqual(['fastvideo_adapter_strength{adapter="cut"} 1']);
  });
});

it('adapters are not changed through a router without an admin token, and are not there without a replica', async () => {
  await using router = await readyRouter(['http://127.0.0.1:9']);
  const refused = await applyLora(router, {});
  expect(refused).toMatchObject({ status: 403, answer: { code: 'unauthorized' } });
  expect((await fetch(`${router.url}/lora/options`)).status).toBe(503);
});
