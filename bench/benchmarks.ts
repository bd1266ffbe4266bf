import { benchBackends } from './backends.ts';
import { benchEncode } from './encode.ts';
import { benchEnhance } from './enhance.ts';
import { benchFastVideoTail } from './fastvideo-tail.ts';
import { benchGenerators } from './generators.ts';
import { benchIdleSessions } from './idle-sessions.ts';
import { benchMemory } from './memory.ts';
import { benchPeer, type PeerOptions } from './peer.ts';
import { benchPresets } from './presets.ts';
import { benchRelay } from './relay.ts';
import { benchResume } from './resume.ts';
import { benchRouter } from './router.ts';
import { benchRouterBuilds } from './router-builds.ts';
import { benchSafety } from './safety.ts';
import { benchSegments } from './segments.ts';
import { benchSessions } from './sessions.ts';
import { benchStartup } from './startup.ts';
import { benchSteering } from './steering.ts';

interface Benchmark {
  /** What it measures, in a few words. */
  readonly about: string;
  readonly run: (options: PeerOptions) => Promise<void>;
  /** Runs only where it is named. */
  readonly onlyByName?: boolean;
}

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  peer: {
    about: "FastVideo's own server and ours in turn in one run (installs it from PyPI; only when named)",
    run: benchPeer,
    onlyByName: true,
  },
  startup: { about: 'what `fastvideo --help` takes', run: benchStartup },
  segments: { about: 'prompt to first media and to the whole segment', run: benchSegments },
  backends: { about: 'the two encoders behind `mock`, in turn', run: benchBackends },
  encode: { about: '`encode` beside bare ffmpeg', run: benchEncode },
  sessions: { about: 'up to 64 sessions at once', run: benchSessions },
  generators: { about: 'frames a second of the built-in generators', run: benchGenerators },
  steering: { about: 'from a `prompt_update` to the first picture that shows it', run: benchSteering },
  presets: { about: "x264's two fastest presets: time, size and likeness", run: benchPresets },
  memory: { about: 'memory after 100 and after 1,000 segments', run: benchMemory },
  relay: { about: 'what a megabyte costs on its way through `serve`', run: benchRelay },
  'idle-sessions': { about: 'memory of sessions that do nothing', run: benchIdleSessions },
  resume: { about: 'what it takes to resume a session', run: benchResume },
  router: { about: 'the router beside HAProxy', run: benchRouter },
  'router-builds': {
    about: 'routers of several checkouts in turn in one run: ROUTERS=name=folder,… (only when named)',
    run: benchRouterBuilds,
    onlyByName: true,
  },
  'fastvideo-tail': {
    about:
      'what comes behind the model, workers of several checkouts in turn: WORKERS=name=folder,… (only when named)',
    run: benchFastVideoTail,
    onlyByName: true,
  },
  enhance: { about: 'the enhancer beside a bare `fetch`', run: benchEnhance },
  safety: { about: '`safety-check` beside bare classifiers', run: benchSafety },
};

export function usage(): string {
  const width = Math.max(...Object.keys(benchmarks).map((name) => name.length));
  return [
    'Usage: npm run bench -- [benchmark...] [options]',
    '',
    'Measures and prints tables; without a name all of them but `peer`.',
    '',
    'Benchmarks:',
    ...Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
    '',
    'Options of `peer`:',
    '  --quick       two rounds with few segments',
    '  --runs <n>    rounds of everything (default: 3 to 9, by size)',
    '  --write-docs  write the tables into docs/benchmarks.md',
    '',
    '  -h, --help    show this',
  ].join('\n');
}
