import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allExitCodes } from '../../src/commands/exit-codes.ts';
import { commands } from '../../src/commands/index.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

describe('the command line', () => {
  it.each([
    ['an option of serve', ['serve', '--prot', '8000'], 'Unknown option --prot; did you mean --port?'],
    [
      'an option of serve with its value',
      ['mock', '--hots=x'],
      'Unknown option --hots; did you mean --host?',
    ],
    ['an option of router', ['router', '--chek'], 'Unknown option --chek; did you mean --check?'],
    [
      'the beginning of an option',
      ['stream', '--verb', 'a'],
      'Unknown option --verb; did you mean --verbose?',
    ],
    ['an option of stream', ['stream', '--lop', 'a'], 'Unknown option --lop; did you mean --loop?'],
    ['an option before the command', ['--verbos'], 'Unknown option --verbos; did you mean --verbose?'],
    ['an option like no other', ['man', '--foo'], 'Unknown option --foo; see "fastvideo man --help".'],
    ['a command', ['hlep'], 'Unknown command hlep; did you mean help?'],
    ['a command to help with', ['help', 'hlep'], 'Unknown command hlep; did you mean help?'],
    ['a command like no other', ['help', 'x'], 'Unknown command x; see "fastvideo --help".'],
    ['an option without its value', ['mock', '--port'], 'The option -p, --port <port> needs its value'],
    [
      'an argument that is none of its words',
      ['init', 'foo'],
      '"foo" is not a valid command; use serve or router.',
    ],
    ['an argument too many', ['man', 'x'], "Too many arguments for 'man'"],
  ])('refuses %s in one line', async (_, args, message) => {
    const { code, stdout, stderr } = await runHere(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^fastvideo: .*\n$/);
    expect(stderr).toContain(message);
  });

  it('knows router by the name that FastVideo gives it too', async () => {
    const args = ['--check', '--router.replicas', '[{url: http://127.0.0.1:9}]'];
    expect(await runHere(['router-serve', ...args])).toEqual(await runHere(['router', ...args]));
    expect(await runHere(['help', 'router-serve'])).toEqual(await runHere(['help', 'router']));
  });

  it('shows the help of a command, and of itself', async () => {
    const asked = await runHere(['help', 'mock']);
    expect(asked).toEqual(await runHere(['mock', '--help']));
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('fastvideo mock') });
    expect(await runHere(['help'])).toEqual(await runHere(['--help']));
  });

  it.each(commands)('tells the exit codes of $name, and its defaults as they are typed', async (command) => {
    const { stdout } = await runHere([command.name, '--help']);
    const [, codes = ''] = /\nExit codes:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
    expect([...codes.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code))).toEqual(
      command.exitCodes.map(([code]) => code),
    );
    expect(allExitCodes.map(([code]) => code)).toEqual(
      expect.arrayContaining(command.exitCodes.map(([code]) => code)),
    );
    expect(stdout).not.toMatch(/default:\s+"/);
  });

  it('lists the exit codes of the page on operation', async () => {
    const page = await readFile(join(repositoryRoot, 'docs/operations.md'), 'utf8');
    const [, table = ''] = /\n## Exit codes\n([\s\S]*?)\n## /.exec(page) ?? [];
    const rows = [...table.matchAll(/^\| (\d+) \| (.*) \|$/gm)];
    expect(rows.map(([, code, meaning]) => [Number(code), meaning?.replaceAll('`', '')])).toEqual(
      allExitCodes,
    );
  });

  it.each([
    ['--config', ['serve', '--config', '/nope.yaml', '--check']],
    ['--static', ['mock', '--static', '/nope', '--check']],
    ['--replay', ['mock', '--replay', '/nope', '--check']],
    [
      'streaming.safety.classifier_path',
      [
        'mock',
        '--streaming.safety.enabled',
        'true',
        '--streaming.safety.classifier_path',
        '/nope.onnx',
        '--check',
      ],
    ],
    ['--image', ['stream', '--image', '/nope.png', 'a']],
    ['--system-prompt', ['enhance', '--provider', 'echo', '--system-prompt', '/nope', 'a']],
  ])('ends with 2 where the file of %s is missing', async (_, args) => {
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^fastvideo: .*\/nope.*\n/)]);
  });
});
