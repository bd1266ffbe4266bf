import { describe } from 'vitest';
import { takeoverInSegmentTest, takeoverTests } from './resume-takeover-tests.ts';
import { fileStore } from './shared-stores.ts';

describe('two replicas of `fastvideo mock` that share files', () => takeoverTests('mock', fileStore));

describe('a replica of `fastvideo mock` that is shown the token of a session that it serves', () =>
  takeoverInSegmentTest('mock'));
