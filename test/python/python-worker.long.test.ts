import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { unittest } from './unittest.ts';

describe('the FastVideo worker', () => {
  it('passes its own tests as a process', needs(python), async () => {
    expect(await unittest(python, 'test_worker', 'test_bad_input', 'test_families')).toMatch(/\nOK\n$/);
  });
});
