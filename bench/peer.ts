import { installedFfmpeg } from './peer/bare-ffmpeg.ts';
import { installPeer, peerDependencies, peerPackage } from './peer/install.ts';
import { loadLine, machineLine } from './peer/machine.ts';
import { measureEncode } from './peer/measure-encode.ts';
import { measureSessions } from './peer/measure-sessions.ts';
import { measureSize } from './peer/measure-size.ts';
import { sessionCases, sizeCases, sizeName } from './peer/sizes.ts';
import { standInLines, standIns } from './peer/stand-ins.ts';
import { peerTables } from './peer/tables.ts';
import { writeDocs } from './peer/write-docs.ts';
import { printTable } from './support/table.ts';

const encodeRounds = 3;
const quickRounds = 2;

export interface PeerOptions {
  /** Two rounds of everything, and few segments in each. */
  readonly quick?: boolean;
  /** Rounds of everything; default: what each size and number of sessions needs. */
  readonly runs?: number;
  /** Whether the tables go into docs/benchmarks.md as well. */
  readonly writeDocs?: boolean;
}

/** FastVideo's own streaming server and ours, a bare loop over the library and bare ffmpeg, in turn in one run. */
export async function benchPeer(options: PeerOptions = {}): Promise<void> {
  const ffmpeg = installedFfmpeg();
  const python = await installPeer();
  const all = await standIns();
  const loadBefore = loadLine();
  console.log(
    `\nThe peer: ${peerPackage} with ${peerDependencies.join(', ')}. Stand-ins for what its mock does not use:`,
  );
  for (const line of standInLines(all)) console.log(line);

  const sizes = [];
  for (const size of sizeCases) {
    console.log(`Segments of ${sizeName(size)} ...`);
    sizes.push(await measureSize(fitted(size, options), { python, ffmpeg }));
  }
  console.log('Sessions at once ...');
  const sessions = await measureSessions(
    sessionCases.map((one) => fitted(one, options)),
    python,
  );
  console.log('encode ...');
  const encode = await measureEncode(fitted({ rounds: encodeRounds, each: 1 }, options).rounds, ffmpeg);

  const tables = peerTables({ sizes, sessions, encode });
  const lines = [
    `${machineLine(ffmpeg, python)}. ${roundsLine(options)} Load averages at the start ${loadBefore}; at the end ${loadLine()}.`,
    `The peer: \`${peerPackage}\` with ${peerDependencies.map((name) => `\`${name}\``).join(', ')}.`,
  ];
  for (const table of tables) printTable(table.title, table.header, table.rows);
  console.log(`\n${lines[0]}`);
  if (options.writeDocs) await writeDocs({ lines, tables, standIns: all });
}

function roundsLine({ quick = false, runs }: PeerOptions): string {
  const few = quick ? ' with few segments (`--quick`)' : '';
  if (runs !== undefined) return `Rounds of each: ${runs}${few}.`;
  return quick ? `Rounds of each: ${quickRounds}${few}.` : 'Rounds of each: 3 to 9.';
}

function fitted<Case extends { readonly rounds: number; readonly each: number }>(
  one: Case,
  { quick = false, runs }: PeerOptions,
): Case {
  const rounds = runs ?? (quick ? quickRounds : one.rounds);
  return { ...one, rounds, each: quick ? Math.min(one.each, 2) : one.each };
}
