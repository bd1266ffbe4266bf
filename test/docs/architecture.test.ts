import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

const text = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
const named = [...text.matchAll(/[`(]((?:src|docs|bin|playground)\/[\w./-]*)[`)]/g)].map(
  ([, path = '']) => path,
);

describe('ARCHITECTURE.md', () => {
  it('names files and folders that are there', () => {
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
  });

  it('has a room for each folder of the core', () => {
    const rooms = [
      'base',
      'protocol',
      'media',
      'generators',
      'pool',
      'sessions',
      'prompts',
      'safety',
      'server',
      'router',
    ];
    expect(rooms.filter((room) => !text.includes(`\`src/core/${room}/\``))).toEqual([]);
  });

  it.each(['generator', 'encoder', 'provider', 'dialect', 'config key', 'metric'])(
    'says where a %s is added',
    (what) => {
      expect(text.split('## Where to go to add')[1]).toMatch(new RegExp(`\\*\\*An? ${what}`));
    },
  );
});
