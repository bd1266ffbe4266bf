import type { CommandDefinition } from './command-definition.ts';
import { completionCommand } from './completion.definition.ts';
import { dashboardCommand } from './dashboard.definition.ts';
import { encodeCommand } from './encode.definition.ts';
import { enhanceCommand } from './enhance.definition.ts';
import { initCommand } from './init.definition.ts';
import { manCommand } from './man.definition.ts';
import { mockCommand } from './mock.definition.ts';
import { routerCommand } from './router.definition.ts';
import { safetyCheckCommand } from './safety-check.definition.ts';
import { serveCommand } from './serve.definition.ts';
import { streamCommand } from './stream.definition.ts';

/** Every command, in the order in which `--help` lists them. */
export const commands: readonly CommandDefinition[] = [
  serveCommand,
  mockCommand,
  routerCommand,
  encodeCommand,
  enhanceCommand,
  safetyCheckCommand,
  streamCommand,
  dashboardCommand,
  initCommand,
  completionCommand,
  manCommand,
];
