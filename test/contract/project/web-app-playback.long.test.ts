import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, launchChromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { commands, idle, readyServer } from '../servers.ts';
import { playPage } from './play-page.ts';
import { serveApp } from './serve-app.ts';
import { buildWebApp, type PlaybackReport } from './web-app-page.ts';

const foreignHost = 'app.example.org';
const segments = 6;
const framesPerSegment = 24;
/** Of one second each. */
const small = [
  ...['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'],
  ...['--default_request.sampling.num_frames', String(framesPerSegment)],
  ...['--default_request.sampling.fps', String(framesPerSegment)],
  ...['--streaming.generation_segment_cap', String(segments)],
];

describe('a web app that plays /ws in Chromium', needs(chromium), () => {
  let browser: Browser;
  let app: Awaited<ReturnType<typeof buildWebApp>>;

  beforeAll(async () => {
    // A page of a name that is not of this machine, without asking anybody for it.
    const names = `--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`;
    browser = await launchChromium([names]);
    app = await buildWebApp();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.[Symbol.asyncDispose]();
  });

  it.each(commands.flatMap((command) => [[command, 'sequence'] as const, [command, 'segments'] as const]))(
    'shows six segments of `fastvideo %s` in `%s` mode, without a gap',
    async (command, mode) => {
      await using server = await readyServer(command, [...small, '--static', app.directory]);
      const report = await play(`${server.url}/?mode=${mode}`, (now) => now.ended || now.problems.length > 0);
      expectSixSegments(report);
      expect(report.mode).toBe(mode);
    },
  );

  it('plays a replay as it plays the session', async () => {
    const recordings = join(app.directory, 'recordings');
    {
      await using server = await readyServer('mock', [...small, '--record', recordings]);
      await using page = await serveApp(app.directory);
      await play(`${page.url}/?server=${server.url}`, (now) => now.ended);
      // The page has gone before the server does, or the recording ends with the server's farewell.
      await idle(server);
    }
    await using server = await readyServer('mock', ['--replay', recordings, '--static', app.directory]);
    expectSixSegments(await play(server.url, (now) => now.ended || now.problems.length > 0));
  });

  it('may stand on another port of this machine, by either of its names', async () => {
    await using server = await readyServer('mock', small);
    await using page = await serveApp(app.directory);
    for (const url of [page.url, page.url.replace('127.0.0.1', 'localhost')]) {
      const report = await play(`${url}/?server=${server.url}`, (now) => now.segments.length === segments);
      expect(report.http).toEqual([200, 400]);
      expect(report.problems).toEqual([]);
    }
  });

  it('may stand on an origin that the operator allows, and on no other', async () => {
    await using page = await serveApp(app.directory);
    const origin = page.url.replace('127.0.0.1', foreignHost);
    {
      await using server = await readyServer('mock', [...small, '--server.allowed_origins', `["${origin}"]`]);
      const report = await play(`${origin}/?server=${server.url}`, (now) => now.segments.length === segments);
      expect([report.http, report.problems]).toEqual([[200, 400], []]);
    }
    await using server = await readyServer('mock', small);
    const refused = await play(`${origin}/?server=${server.url}`, (now) => now.closed !== null);
    expect(refused).toMatchObject({ http: [0, 0], closed: 1006, segments: [] });
  });

  const play = (url: string, wanted: (now: PlaybackReport) => boolean) => playPage(browser, url, wanted);
});

function expectSixSegments(report: PlaybackReport): void {
  expect(report.problems).toEqual([]);
  expect(report.segments).toEqual([1, 2, 3, 4, 5, 6]);
  // Each segment has an init segment of its own, and one SourceBuffer takes them all.
  expect([report.initSegments, report.mimes.length, report.sourceBuffers]).toEqual([segments, segments, 1]);
  expect(new Set(report.mimes).size).toBe(1);
  expect(report.mimes[0]).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}, mp4a\.40\.2"$/);
  const [range, ...more] = report.ranges;
  expect(more).toEqual([]);
  expect(range?.[0]).toBeLessThan(0.05);
  expect(range?.[1]).toBeGreaterThan(segments - 0.05);
  expect(report.ended).toBe(true);
  expect(report.currentTime).toBeGreaterThan(segments - 0.05);
  expect(report.decodedFrames).toBe(segments * framesPerSegment);
  expect(report.shownFrames).toBeGreaterThan(0);
  expect(report.audioBytes).toBeGreaterThan(0);
  const pictures = Array.from({ length: segments }, (_, second) => report.pictures[second] ?? []);
  for (const [index, picture] of pictures.entries()) {
    expect(picture).toHaveLength(16 * 12 * 4);
    // Not black.
    expect(Math.max(...picture.filter((_, place) => place % 4 !== 3))).toBeGreaterThan(40);
    if (index > 0) expect(picture).not.toEqual(pictures[index - 1]);
  }
}
