import { inProcessPool } from './in-process.ts';
import { describePool } from './pool-contract.ts';
import { describeSent } from './sent-contract.ts';

describePool('the in-process pool', () => inProcessPool('mock'));
describeSent('the in-process pool of the test pattern', () => inProcessPool('mock'));
