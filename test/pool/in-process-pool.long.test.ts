import { inProcessPool } from './in-process.ts';
import { describeSent, describeSentAnywhere } from './sent-contract.ts';

describeSentAnywhere('the in-process pool of the test pattern', () => inProcessPool('mock'));
describeSent('the in-process pool of the embedded network', () => inProcessPool('onnx'));
describeSentAnywhere('the in-process pool of the embedded network', () => inProcessPool('onnx'));
