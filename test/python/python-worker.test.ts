import { describe, expect, it } from 'vitest';
import { needs, type Tool } from '../support/needs.ts';
import { fastVideoSource, python } from '../support/python.ts';
import { unittest } from './unittest.ts';

const anyPython: Tool = { ...python, path: process.env['FASTVIDEO_PYTHON'] ?? 'python3' };

describe('the FastVideo worker', () => {
  it('passes the tests of its parts', needs(python), async () => {
    expect(await unittest(python, 'test_minimal_worker', 'test_parts')).toMatch(/\nOK\n$/);
  });

  it('uses what FastVideo has', needs(fastVideoSource), async () => {
    expect(await unittest(anyPython, 'test_real_api')).toMatch(/\nOK\n$/);
  });
});
