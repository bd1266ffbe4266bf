import { parseArgs } from 'node:util';
import { benchmarks, usage } from './benchmarks.ts';
import { BenchError } from './support/bench-error.ts';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Gives the exit code: 2 for a command line that cannot be used. */
async function main(args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage()}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(usage());
    return 0;
  }
  const problem = problemOf(parsed);
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const options = {
    ...(values.quick === undefined ? {} : { quick: values.quick }),
    ...(values.runs === undefined ? {} : { runs: Number(values.runs) }),
    ...(values['write-docs'] === undefined ? {} : { writeDocs: values['write-docs'] }),
  };
  for (const [name, { run, onlyByName }] of Object.entries(benchmarks)) {
    if (positionals.length === 0 ? !onlyByName : positionals.includes(name)) await run(options);
  }
  return 0;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      quick: { type: 'boolean' },
      runs: { type: 'string' },
      'write-docs': { type: 'boolean' },
    },
  });
}

function problemOf({ values, positionals }: ReturnType<typeof parse>): string | undefined {
  const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0) {
    return `There is no benchmark "${unknown.join('", "')}"; there are: ${Object.keys(benchmarks).join(', ')}.`;
  }
  const [option] = Object.keys(values);
  if (option !== undefined && !positionals.includes('peer')) {
    return `--${option} is an option of the benchmark "peer": name it, e.g. npm run bench -- peer --${option}.`;
  }
  if (values.runs !== undefined && !/^[1-9]\d{0,3}$/.test(values.runs)) {
    return `--runs takes a whole number from 1, not "${values.runs}".`;
  }
  return undefined;
}
