import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, type Shared, statusOf } from './servers.ts';

const services: Readonly<Record<Command, string>> = {
  serve: 'ltx2-streaming-backend',
  mock: 'ltx2-streaming-mock-server',
};
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

function samplesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function value(samples: readonly string[], name: RegExp): number {
  const line = samples.find((sample) => name.test(sample));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

export function httpTests(shared: Shared, command: Command): void {
  describe(`the HTTP routes of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });

    const get = async (route: string) => await fetch(`${server.url}${route}`);
    const json = async (route: string) => (await (await get(route)).json()) as unknown;

    it('/health tells the sessions and the stream mode', async () => {
      expect(await json('/health')).toEqual({ status: 'ok', sessions: 0, stream_mode: 'av_fmp4' });
      await using client = await ContractClient.open(server.url);
      expect(await json('/health')).toMatchObject({ sessions: 1 });
      client.send({ type: 'leave' });
      await client.close();
      await idle(server);
    });

    it('/healthz names the service and the time', async () => {
      expect(await json('/healthz')).toEqual({
        status: 'ok',
        service: services[command],
        ts: expect.stringMatching(utc),
      });
    });

    it.each(['/readyz', '/readyz?strict'])('%s is ready when a worker is', async (route) => {
      const response = await get(route);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        status: 'ready',
        service: services[command],
        ready_gpu_workers: 1,
        total_gpus: 1,
        available_gpus: 1,
        warmup_successful_gpus: expect.any(Number),
        warmup_failed_gpus: 0,
        queue_size: 0,
        store: 'ok',
        ts: expect.stringMatching(utc),
      });
    });

    it('/status tells each worker', async () => {
      expect(await json('/status')).toMatchObject({
        total_gpus: 1,
        available_gpus: 1,
        queue_size: 0,
        warmup_enabled: false,
        warmup_successful_gpus: 0,
        warmup_failed_gpus: 0,
        gpu_status: {
          '0': {
            ready: true,
            available: true,
            client_count: 0,
            current_model_id: expect.stringMatching(/./),
            process_alive: true,
            warmup_enabled: false,
            warmup_success: null,
            warmup_error: null,
            warmup_timings: expect.any(Object),
            encoder: expect.stringMatching(/^(libav|ffmpeg), libx264/),
          },
        },
      });
      await using client = await ContractClient.open(server.url);
      expect((await statusOf(server)).gpu_status['0']).toMatchObject({ client_count: 1 });
      client.send({ type: 'leave' });
      await client.close();
      await idle(server);
    });

    it('/metrics counts segments, bytes, errors and sessions in the text format of Prometheus', async () => {
      await using client = await ContractClient.open(server.url);
      const segment = await makeSegment(client, 'a fox');
      client.sendRaw('not JSON');
      await client.frame();
      const response = await get('/metrics');
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
      const samples = samplesOf(await response.text());
      expect(value(samples, /^fastvideo_segments_total\{.*completed/)).toBeGreaterThanOrEqual(1);
      expect(value(samples, /^fastvideo_media_bytes_total/)).toBeGreaterThanOrEqual(
        Buffer.concat([segment.init, ...segment.media]).length,
      );
      expect(value(samples, /^fastvideo_errors_total\{.*invalid_message/)).toBeGreaterThanOrEqual(1);
      expect(value(samples, /^fastvideo_sessions\{.*ACTIVE/i)).toBe(1);
      expect(value(samples, /^fastvideo_time_to_first_media_seconds_count/)).toBeGreaterThanOrEqual(1);
      expect(value(samples, /^fastvideo_segment_seconds_count/)).toBeGreaterThanOrEqual(1);
      expect(value(samples, /^fastvideo_worker_restarts_total/)).toBe(0);
      expect(value(samples, /^nodejs_eventloop_lag_seconds/)).toBeGreaterThanOrEqual(0);
      expect(value(samples, /^fastvideo_queue_depth/)).toBe(0);
    });

    it('/ is the playground page, with nothing in it from elsewhere', async () => {
      const response = await get('/');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(await response.text()).not.toMatch(/(src|href)="https?:/);
    });

    it('/docs is the OpenAPI page, and lists the routes', async () => {
      const page = await get('/docs');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      // The server speaks plain HTTP: scripts that are asked for over HTTPS do not come.
      expect(policy).not.toContain('upgrade-insecure-requests');
      expect(await page.text()).toContain('<title>fastvideo: HTTP routes</title>');
      const document = (await json('/docs/json')) as {
        readonly paths: Record<string, Record<string, { readonly tags?: readonly string[] }>>;
      };
      // A route without a group stands under "default".
      const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
      expect(operations.filter(({ tags }) => tags?.length !== 1)).toEqual([]);
      const routes = ['/health', '/healthz', '/readyz', '/status', '/metrics'];
      expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(routes));
    });

    it('answers an unknown path with 404 in JSON', async () => {
      const response = await get('/no/such/thing');
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        code: 'not_found',
        message: 'There is nothing at /no/such/thing.',
      });
    });

    it('gives no file from outside of the playground', async () => {
      for (const path of ['/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/../package.json']) {
        const response = await get(path);
        expect(response.status, path).toBeGreaterThanOrEqual(400);
        expect(await response.text()).not.toMatch(/"fastvideo"/);
      }
    });
  });
}
