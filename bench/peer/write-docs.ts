import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/server-process.ts';
import { markdownTable, type Table } from '../support/table.ts';
import { type StandIn, standInLines } from './stand-ins.ts';

export const docsPath = join(repositoryRoot, 'docs/benchmarks.md');
const [begin, end] = ['<!-- peer: begin -->', '<!-- peer: end -->'];

export interface Report {
  /** When, where and with what. */
  readonly lines: readonly string[];
  readonly tables: readonly Table[];
  readonly standIns: readonly StandIn[];
}

/** The page with the report in the place of the last one. */
export function withReport(page: string, { lines, tables, standIns }: Report): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no place between ${begin} and ${end}.`);
  const parts = [
    lines.join('\n'),
    `Stand-ins, in the place of the package's own modules:\n\n${standInLines(standIns).join('\n')}`,
    ...tables.map((table) => `### ${table.title}\n\n${markdownTable(table)}`),
  ];
  return `${page.slice(0, from)}${begin}\n\n${parts.join('\n\n')}\n\n${page.slice(to)}`;
}

export async function writeDocs(report: Report): Promise<void> {
  await writeFile(docsPath, withReport(await readFile(docsPath, 'utf8'), report));
}
