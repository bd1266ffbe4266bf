import Fastify from 'fastify';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AdapterSelection } from '../../src/core/generators/adapters/selection.ts';
import type { ChangeOptions } from '../../src/core/server/http/change-guard.ts';
import { registerLora } from '../../src/core/server/http/lora.ts';

const token = 'a-token-of-at-least-sixteen-bytes';
const declared = [{ name: 'pixar', base: false, strength: 0, trigger_position: 'append' }] as const;

/** Asks for an adapter; gives the status and what was applied. */
async function change(changes: ChangeOptions, authorization?: string) {
  const applied: AdapterSelection[] = [];
  const app = Fastify();
  const applyAdapters = async (selection: AdapterSelection) => {
    applied.push(selection);
    return [0];
  };
  registerLora(app, { declared, pool: { applyAdapters }, changes, logger: pino({ level: 'silent' }) });
  const { statusCode, body } = await app.inject({
    ...{ method: 'POST', url: '/lora', payload: { style: 'pixar' } },
    headers: authorization === undefined ? {} : { authorization },
  });
  await app.close();
  return { statusCode, body, applied: applied.length };
}

describe('a change of what all clients get', () => {
  it('is allowed to anybody on loopback', async () => {
    expect(await change({ loopback: true, adminToken: token })).toMatchObject({
      statusCode: 200,
      applied: 1,
    });
  });

  it('needs the admin token elsewhere', async () => {
    const elsewhere = { loopback: false, adminToken: token };
    expect(await change(elsewhere)).toMatchObject({ statusCode: 401, applied: 0 });
    expect(await change(elsewhere, 'Bearer wrong')).toMatchObject({ statusCode: 401, applied: 0 });
    expect(await change(elsewhere, `Bearer ${token}`)).toMatchObject({ statusCode: 200, applied: 1 });
  });

  it('is allowed to nobody elsewhere without one', async () => {
    const { statusCode, body, applied } = await change({ loopback: false }, `Bearer ${token}`);
    expect([statusCode, applied]).toEqual([403, 0]);
    expect(body).toContain('Changing the adapters of a server that other machines can reach');
    expect(body).toContain('set server.admin_token');
  });
});
