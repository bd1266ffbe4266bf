import { readFleet } from './model/fleet.ts';
import type { ReplicaStatus, RouterStatus } from './source/status-reading.ts';
import { initialUi } from './state/ui-state.ts';
import { lineText } from './text/line.ts';
import { countsLine, headerLine } from './view/header.ts';
import { buildPanels } from './view/panels/build-panels.ts';

/** The status as one plain text: aligned tables, nothing cut, no colours. */
export function statusTable(label: string, status: ReplicaStatus | RouterStatus): string {
  const fleet = readFleet(status);
  const wide = Number.POSITIVE_INFINITY;
  const panels = buildPanels(fleet, initialUi, undefined).map(({ title, matching, header, lines, empty }) => [
    '',
    `${title} ${matching}`,
    ...(matching === 0 ? [empty] : [header, ...lines].map(lineText)),
  ]);
  const lines = [
    lineText(headerLine(label, fleet, wide)),
    lineText(countsLine(fleet, wide)),
    ...panels.flat(),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** The status as JSON; C1 control characters, which JSON leaves as they are, are escaped too. */
export function statusJson(status: ReplicaStatus | RouterStatus): string {
  const text = JSON.stringify(status, undefined, 2);
  return `${text.replace(/[\x7f-\x9f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
