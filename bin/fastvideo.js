#!/usr/bin/env node
import { main } from '../dist/cli.js';

// Where stderr cannot be written there is nobody to tell.
process.stderr.on('error', () => {});

// The only place that may end the process: every command returns its exit code.
const code = await main(process.argv.slice(2), { exitNow: (code) => process.exit(code) });
process.exitCode = code;
// What a command that failed has left open must not hold the process.
if (code !== 0) process.exit(code);
