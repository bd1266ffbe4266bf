import { program } from './programs.ts';
import { describeSent, describeSentAnywhere } from './sent-contract.ts';
import { poolWith } from './worker-pool.ts';

for (const [name, setup] of [
  ['the subprocess pool of the test pattern', { backend: 'mock' }],
  ['the subprocess pool of a program that gives frames', { modelPath: program('generator-worker') }],
  ['the subprocess pool of a program that encodes', { modelPath: program('media-worker') }],
] as const) {
  describeSent(name, () => poolWith(setup));
  describeSentAnywhere(name, () => poolWith(setup));
}
describeSentAnywhere('the subprocess pool of the embedded network', () => poolWith());
