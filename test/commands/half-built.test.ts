import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { redisServer } from '../support/redis-server.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { noFolder, noKey, noLogs, redisAndTakenPort, replicas, serveTestPattern } from './parts-that-fail.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');

/** Runs a command to its own end: one that something keeps alive never comes to it. */
async function ended(args: readonly string[]) {
  const { GROQ_API_KEY: _, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: tmpdir(),
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end('a fox\n');
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  const errors = stderr.split('\n').filter((line) => line.startsWith('fastvideo: '));
  return { code: Number(code), errors };
}

describe('a command of which one part cannot be opened', needs(redisServer), () => {
  const { redis, takenPort } = redisAndTakenPort();
  const store = () => ['--streaming.store', redis().url];
  it.each<[string, () => string[]]>([
    ['serve: a provider without its key', () => [...serveTestPattern, ...store(), ...noKey]],
    ['serve: a folder for logs that cannot be', () => [...serveTestPattern, ...store(), ...noLogs]],
    ['mock: a folder for logs that cannot be', () => ['mock', '--port', '0', ...store(), ...noLogs]],
    ['serve: an address that is taken', () => [...serveTestPattern, ...store(), ...takenPort()]],
    ['mock: an address that is taken', () => ['mock', ...store(), ...takenPort()]],
    ['mock: a folder for recordings', () => ['mock', '--port', '0', ...store(), '--record', noFolder]],
    [
      'router: an address that is taken',
      () => ['router', ...takenPort(), '--router.store', redis().url, ...replicas],
    ],
    [
      'router: a store that is not there',
      () => ['router', '--port', '0', '--router.store', 'redis://127.0.0.1:9', ...replicas],
    ],
    [
      'serve: a store that is not there',
      () => [...serveTestPattern, '--streaming.store', 'redis://127.0.0.1:9'],
    ],
    ['enhance: a provider without its key', () => ['enhance', '--provider', 'groq']],
    ['safety-check: a model that is not there', () => ['safety-check', '--classifier', '/no/model.onnx']],
    ['encode: an output that cannot be', () => ['encode', '--size', '64x64', '--fps', '24', '-o', noFolder]],
    ['stream: a server that is not there', () => ['stream', '--url', 'ws://127.0.0.1:9', 'a fox']],
  ])('closes the others and ends with one line and a code (%s)', async (_, args) => {
    const { code, errors } = await ended(args());
    expect(errors).toEqual([expect.not.stringMatching(/option/)]);
    expect(code).toBeGreaterThan(0);
  });
});
