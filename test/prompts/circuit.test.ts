import { expect, it } from 'vitest';
import { Circuit } from '../../src/core/prompts/circuit.ts';

it('an answer to a call from before the skip does not lift it', () => {
  const circuit = new Circuit(() => 0);
  const slow = circuit.enter();
  for (let failures = 0; failures < 3; failures += 1) {
    const ticket = circuit.enter();
    if (ticket) circuit.failed(ticket, undefined);
  }
  expect(circuit.isSkipped).toBe(true);
  if (slow) circuit.answered(slow);
  expect([slow !== undefined, circuit.isSkipped]).toEqual([true, true]);
});
