import { describe } from 'vitest';
import { needs } from '../support/needs.ts';
import { redisServer } from '../support/redis-server.ts';
import { lossTest, startTests, wrongAddresses } from './store-loss-tests.ts';

describe('`fastvideo serve` whose Redis dies while a session streams', needs(redisServer), () =>
  lossTest('serve'),
);

describe('`fastvideo serve` that is given a store', () => startTests('serve', wrongAddresses));
describe('`fastvideo mock` that is given a store', () => startTests('mock', wrongAddresses.slice(1)));
