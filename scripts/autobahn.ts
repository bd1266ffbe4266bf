import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientOfRouter, clientOfServer, replicaOfRouter } from './autobahn/runs.ts';
import { installTestSuite, type Verdict } from './autobahn/test-suite.ts';

const help = `npx tsx scripts/autobahn.ts [--python python2.7] [--folder DIR] [--cases '1.*,2.*'] [--all]

Runs the Autobahn WebSocket test suite: its client against the router in front of an echo, its server in the place of a
replica of the router, and its client against \`serve\` and \`mock\`, with the cases that need no echo. Needs
\`npm run build\` and a Python 2.7 with pip; the suite is installed from PyPI into --folder (default: a folder of the
system's temporary one), where its reports are written too. Fails when a case does.

  --cases   which of the cases, parted by commas; default all but those of compression, which nothing here speaks
  --all     also the cases of 9.* (large messages) with more than a few seconds each

Examples:
  $ npx tsx scripts/autobahn.ts
  $ npx tsx scripts/autobahn.ts --cases '6.*'
  $ npx tsx scripts/autobahn.ts --python ~/.pyenv/versions/2.7.18/bin/python`;

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python2.7' },
    folder: { type: 'string', default: join(tmpdir(), 'fastvideo-autobahn') },
    cases: { type: 'string', default: '*' },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const compression = ['12.*', '13.*'];
const large = ['9.*'];
/** Those in which nothing is to come back, or a pong, or a close frame for what was wrong. */
const withoutEcho = [
  '2.*',
  '3.1',
  '4.1.1',
  '4.2.1',
  '5.1',
  '5.2',
  '5.9',
  '5.10',
  '5.11',
  '5.12',
  '5.13',
  '5.14',
  '7.1.2',
  '7.1.3',
  '7.1.4',
  '7.1.5',
  '7.3.*',
  '7.5.*',
  '7.7.*',
  '7.9.*',
  '7.13.*',
];
const passed = ['OK', 'NON-STRICT', 'INFORMATIONAL'];

if (values.help) console.log(help);
else await main();

async function main(): Promise<void> {
  const suite = await installTestSuite(values.folder, values.python);
  const wanted = values.cases.split(',');
  const cases = { wanted, left: [...compression, ...(values.all ? [] : large)] };
  const silent = { wanted: values.cases === '*' ? withoutEcho : wanted, left: compression };
  report('client against the router', await clientOfRouter(suite, values.folder, cases));
  report('server as a replica of the router', await replicaOfRouter(suite, values.folder, cases));
  for (const command of ['serve', 'mock'] as const) {
    report(`client against ${command}`, await clientOfServer(suite, values.folder, silent, command));
  }
}

function report(what: string, verdicts: readonly Verdict[]): void {
  const failed = verdicts.filter(
    ({ behavior, behaviorClose }) => !passed.includes(behavior) || !passed.includes(behaviorClose),
  );
  const counts = new Map<string, number>();
  for (const { behavior } of verdicts) counts.set(behavior, (counts.get(behavior) ?? 0) + 1);
  const summary = [...counts].map(([behavior, count]) => `${count} ${behavior}`).join(', ');
  console.log(`${what}: ${verdicts.length} cases: ${summary}`);
  for (const { id, behavior, behaviorClose } of failed) {
    console.log(`  ${id}: ${behavior}, at the close ${behaviorClose}`);
    process.exitCode = 1;
  }
  if (verdicts.length === 0) process.exitCode = 1;
}
