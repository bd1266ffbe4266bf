#!/usr/bin/env node

// Where stderr cannot be written there is nobody to tell.
process.stderr.on('error', () => {});

let main;
try {
  // Modules below ask for it while they are loaded.
  process.cwd();
  ({ main } = await import('../dist/cli.js'));
} catch (error) {
  const reasons = {
    uv_cwd: 'the working directory is not there any more; change into one that is',
    ERR_MODULE_NOT_FOUND: `${error.message}; run "npm ci" and "npm run build" in the checkout`,
    EMFILE: `${error.message}; raise the limit on open files (ulimit -n)`,
  };
  process.stderr.write(`fastvideo: ${reasons[error.syscall] ?? reasons[error.code] ?? error.message}.\n`);
  process.exit(1);
}

let isOver = false;
process.on('exit', () => {
  if (isOver) return;
  // Node ends the process once nothing is left that could ever happen, by itself without a word.
  process.stderr.write(
    'fastvideo: this is a bug of ours: it waited for something that can no longer come.\n',
  );
  process.exitCode = 1;
});

// The only place that may end the process: every command returns its exit code.
const end = (code) => {
  isOver = true;
  process.exit(code);
};
const code = await main(process.argv.slice(2), { exitNow: end });
isOver = true;
process.exitCode = code;
// What a command that failed has left open must not hold the process, and that of one that went well not for long.
if (code !== 0) end(code);
setTimeout(() => end(code), 10_000).unref();
