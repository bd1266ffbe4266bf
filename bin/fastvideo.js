#!/usr/bin/env node
import { main } from '../dist/cli.js';

// The only place that may end the process: every command returns its exit code.
process.exitCode = await main(process.argv.slice(2), { exitNow: (code) => process.exit(code) });
