import { benchBackends } from './backends.ts';
import { benchEncode } from './encode.ts';
import { benchEnhance } from './enhance.ts';
import { benchGenerators } from './generators.ts';
import { benchIdleSessions } from './idle-sessions.ts';
import { benchMemory } from './memory.ts';
import { benchPresets } from './presets.ts';
import { benchRelay } from './relay.ts';
import { benchResume } from './resume.ts';
import { benchRouter } from './router.ts';
import { benchSafety } from './safety.ts';
import { benchSegments } from './segments.ts';
import { benchSessions } from './sessions.ts';
import { benchStartup } from './startup.ts';

const benches = {
  startup: benchStartup,
  segments: benchSegments,
  backends: benchBackends,
  encode: benchEncode,
  sessions: benchSessions,
  generators: benchGenerators,
  presets: benchPresets,
  memory: benchMemory,
  relay: benchRelay,
  'idle-sessions': benchIdleSessions,
  resume: benchResume,
  router: benchRouter,
  enhance: benchEnhance,
  safety: benchSafety,
} as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark "${unknown.join('", "')}"; there are: ${Object.keys(benches).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(benches)) {
    if (asked.length === 0 || asked.includes(name)) await bench();
  }
}
