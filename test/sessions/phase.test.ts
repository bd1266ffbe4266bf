import { expect, it } from 'vitest';
import { checkTransition } from '../../src/core/sessions/phase.ts';

it('takes no way that the contract does not know', () => {
  expect(() => checkTransition('ACTIVE', 'QUEUED')).toThrow('cannot go from ACTIVE to QUEUED');
  checkTransition('GPU_BINDING', 'ACTIVE');
});
