import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { needs, type Tool } from '../support/needs.ts';
import { runHere } from './run-here.ts';

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fastvideo-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runHere(['completion', shell]);
    expect(code).toBe(0);
    writeFileSync(join(directory, shell), stdout);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

function installed(shell: string): Tool {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return {
    path: folders.map((folder) => join(folder, shell)).find((path) => existsSync(path)),
    remedy: `${shell} is not installed, so its completions were not tried (apt-get install ${shell}).`,
  };
}

function shell(name: string, args: readonly string[], env = {}): string[] {
  const stdout = execFileSync(name, [...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, HOME: directory, ...env },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What each shell offers for the last of the words; the others are before it. */
const complete = {
  bash: (...words: string[]) => {
    const script = `source ./bash
      shift 0
      COMP_WORDS=(fastvideo "$@")
      COMP_CWORD=$#
      _fastvideo
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell('bash', ['--norc', '-c', script, 'bash', ...words]);
  },
  zsh: (...words: string[]) => {
    // The functions of its completion system print what they are given: a terminal would be needed for them to do more.
    const script = `
      compdef() { }
      _describe() { print -l -- \${(P)@[-1]%%:*} }
      compadd() { shift; print -l -- "$@" }
      _files() { print files }
      _message() { }
      source ./zsh
      words=(fastvideo "$@")
      CURRENT=$#words
      _fastvideo`;
    const last = words.at(-1) ?? '';
    return shell('zsh', ['-f', '-c', script, 'zsh', ...words]).filter(
      (word) => word === 'files' || word.startsWith(last),
    );
  },
  fish: (...words: string[]) => {
    const script = `source ./fish; complete -C 'fastvideo ${words.join(' ')}'`;
    return shell('fish', ['--no-config', '-c', script]).map((line) => line.split('\t')[0] ?? '');
  },
};

describe.each(['bash', 'zsh', 'fish'] as const)('the completion of %s', (name) => {
  describe('in the shell', needs(installed(name)), () => {
    it('offers the commands', () => {
      const offered = complete[name]('');
      for (const command of commands) expect(offered).toContain(command.name);
    });

    it('offers options of the command', () => {
      expect(complete[name]('encode', '--pre')).toEqual(['--preset']);
      expect(complete[name]('router', '--pre')).toEqual([]);
    });

    it('offers config keys by their dotted names', () => {
      expect(complete[name]('serve', '--streaming.warmup.en')).toEqual(['--streaming.warmup.enabled']);
      expect(complete[name]('router', '--router.poli')).toEqual(['--router.policy']);
      expect(complete[name]('serve', '--router.poli')).toEqual([]);
    });

    it('offers the values of a key or an option', () => {
      const policies = ['least_sessions', 'primary', 'weighted'];
      expect([...complete[name]('router', '--router.policy', '')].sort()).toEqual(policies);
      expect(complete[name]('safety-check', '--on-unavailable', 'b')).toEqual(['block']);
    });

    it('offers the words of an argument', () => {
      expect(complete[name]('init', 'r')).toEqual(['router']);
      expect(complete[name]('help', 'enh')).toEqual(['enhance']);
    });
  });
});

describe('in bash', needs(installed('bash')), () => {
  it('offers a section before its keys', () => {
    expect(complete.bash('serve', '--streami')).toEqual(['--streaming.']);
  });

  it('offers values behind an equals sign', () => {
    expect(complete.bash('router', '--router.policy', '=', 'w')).toEqual(['weighted']);
    expect(complete.bash('router', '--router.failover', '=')).toEqual(['transparent', 'error']);
  });
});

it('is refused for a shell that it does not know', async () => {
  const { code, stderr } = await runHere(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh or fish');
});
