import { expect, it } from 'vitest';
import type { Logger } from '../../src/core/base/log.ts';
import { RefusedOrigins } from '../../src/core/server/refused-origins.ts';

it('tells each refused origin once, and so many at most', () => {
  const told: unknown[] = [];
  const warn = (fields: object, message: string) => told.push({ ...fields, message });
  const origins = new RefusedOrigins({ warn } as unknown as Logger);
  for (const origin of [undefined, 'http://one.example', 'http://one.example', 'http://two.example']) {
    origins.tell(origin);
  }
  expect(told).toMatchObject([
    { origin: 'http://one.example', message: expect.stringContaining('server.allowed_origins') },
    { origin: 'http://two.example' },
  ]);
  for (let index = 0; index < 100; index += 1) origins.tell(`http://${index}.example`);
  expect(told).toHaveLength(20);
});
