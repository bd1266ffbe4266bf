import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withScenarioKeys } from '../../scripts/scenario-docs.ts';
import { scenarioNames } from '../../src/commands/mock.definition.ts';
import { loadScenario, parseScenario } from '../../src/core/base/config/load-scenario.ts';
import type { Scenario } from '../../src/core/base/config/scenario-schema/scenario.ts';
import { ScenarioSchema } from '../../src/core/base/config/scenario-schema/scenario.ts';
import { schemaKeys } from '../../src/core/base/config/schema-tree.ts';
import { sharedServers } from '../contract/servers.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { ask, error, open, putScenario, troubled, troubledArguments } from './dialects.ts';
import { describeReadyMadeScenarios, scenarioFolder, scenarioFrames } from './ready-made-scenarios.ts';

describe('the ready-made scenarios', () => {
  it('are all listed by --help and told about in docs/mock.md', async () => {
    const files = (await readdir(scenarioFolder)).map((file) => basename(file, '.yaml')).sort();
    expect([...scenarioNames]).toEqual(files);
    const docs = await readFile(join(repositoryRoot, 'docs/mock.md'), 'utf8');
    expect(files.filter((name) => !docs.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('have all their keys in docs/mock.md, as scripts/write-config-docs.ts writes them', async () => {
    const docs = await readFile(join(repositoryRoot, 'docs/mock.md'), 'utf8');
    expect(docs).toBe(withScenarioKeys(docs));
    const silent = [...schemaKeys(ScenarioSchema)].filter((key) => !key.description);
    expect(silent.map((key) => key.path.join('.'))).toEqual([]);
  });

  it('all load, and say what they show', async () => {
    for (const name of scenarioNames) {
      const scenario = await loadScenario(name, scenarioFolder);
      expect(scenario.name).toBe(name);
      expect(scenario.description).toMatch(/\.$/);
    }
  });

  it('hold from the start when --scenario names one', async () => {
    await using server = await troubled('flaky-worker', scenarioFrames, silent);
    await using client = await open('/v1/stream', server.url);
    ask(client, 'one');
    await client.until('ltx2_segment_complete');
    ask(client, 'two');
    expect(await error(client)).toMatchObject({ code: 'worker_failed', retryable: true });
  });
});

const silent = ['--mock.audio', 'false'];

/** What is left of the times and sizes of the shipped files; scenarios.long.test.ts has them as they are. */
const hurried: Readonly<Record<string, (shipped: Scenario) => object>> = {
  'slow-worker': ({ latency: { first_frame, per_frame } }) => ({
    latency: {
      first_frame: { ...first_frame, ms: first_frame.ms / 10 },
      per_frame: { ...per_frame, ms: 2, deviation_ms: 1 },
    },
  }),
  'stalled-worker': ({ stall }) => ({ stall: { ...stall, timeout_seconds: 0.25 } }),
  'long-queue': ({ queue }) => ({ queue: { ...queue, seconds: 0.3 } }),
  'no-gpu': ({ queue }) => ({ queue: { ...queue, seconds: 0.3 } }),
  'provider-slow': ({ provider }) => ({ provider: { ...provider, timeout_ms: 100 } }),
  'session-timeout': () => ({ session: { timeout_seconds: 1 } }),
  'server-restart': ({ connection }) => ({ connection: { ...connection, after_seconds: 0.1 } }),
  'dropped-connection': ({ connection }) => ({ connection: { ...connection, after_bytes: 3000 } }),
};

describe('with shorter times,', () => {
  const shared = sharedServers();
  describeReadyMadeScenarios(async (name) => {
    const { url } = await shared('mock', troubledArguments(scenarioFrames, silent));
    const shipped = await loadScenario(name, scenarioFolder);
    const scenario = parseScenario({ ...shipped, ...hurried[name]?.(shipped) }, name);
    expect((await putScenario(url, scenario)).status).toBe(200);
    return { url, scenario, [Symbol.asyncDispose]: async () => undefined };
  });
});
