import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/core/base/config/load-scenario.ts';
import { ask, connect, troubled } from './dialects.ts';
import { describeReadyMadeScenarios, scenarioFolder, scenarioFrames } from './ready-made-scenarios.ts';

/** Ten seconds of the product's size are some times the 100 kB after which `dropped-connection` cuts. */
const large = ['--default_request.sampling.width', '640', '--default_request.sampling.height', '352'];

describe('as it is shipped,', () => {
  describeReadyMadeScenarios(async (name) => {
    const server =
      name === 'dropped-connection' ? await troubled(name, 240, large) : await troubled(name, scenarioFrames);
    const scenario = await loadScenario(name, scenarioFolder);
    return { url: server.url, scenario, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  });
});

describe('a front end on /v1/stream on a bad-day', () => {
  const sessions = 4;
  const prompts = 5;

  /** What became of each prompt of each session. */
  async function outcomes(): Promise<string[][]> {
    await using server = await troubled('bad-day');
    const clients = [];
    // One after the other: their numbers decide what happens to them.
    for (let count = 0; count < sessions; count += 1) clients.push(await connect('/v1/stream', server.url));
    const ends = await Promise.all(
      clients.map(async (client) => {
        const outcome: string[] = [];
        while (outcome.length < prompts) {
          const received = await client.next();
          if (received.kind === 'close') return [...outcome, 'cut'];
          if (received.kind !== 'frame') continue;
          const { type, code } = received.frame;
          if (type === 'ltx2_stream_start') {
            for (let count = 0; count < prompts; count += 1) ask(client, `prompt ${count}`);
          }
          if (type === 'ltx2_segment_complete') outcome.push('made');
          if (type === 'error') outcome.push(String(code));
        }
        return outcome;
      }),
    );
    for (const client of clients) await client[Symbol.asyncDispose]();
    return ends;
  }

  it('gets an answer to each prompt, and the same answers on another such day', async () => {
    const [one, other] = await Promise.all([outcomes(), outcomes()]);
    for (const [index, ends] of one.entries()) {
      // Where neither was cut off before: that depends on how fast the machine is.
      const both = Math.min(ends.indexOf('cut') >>> 0, (other[index]?.indexOf('cut') ?? 0) >>> 0, prompts);
      expect(ends.slice(0, both)).toEqual(other[index]?.slice(0, both));
    }
    const all = one.flat();
    expect(new Set(all.filter((end) => end !== 'cut' && end !== 'made'))).toEqual(new Set(['worker_failed']));
    expect(all).toContain('made');
  });
});
