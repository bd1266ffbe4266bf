import type { Fleet } from '../model/fleet.ts';
import { sessionCount } from '../model/session-rows.ts';
import { cleanText } from '../text/clean-text.ts';
import { formatDuration } from '../text/format.ts';
import { joinParts, type Part } from '../text/join-parts.ts';
import { type Line, span } from '../text/line.ts';
import { truncate } from '../text/text-width.ts';

/** The first line: what server this is, and whether it can work. */
export function headerLine(label: string, fleet: Fleet | undefined, width: number): Line {
  const address: Part = { line: [span(label, fleet ? 'plain' : 'strong')], priority: 1 };
  if (!fleet) return joinParts([address], width);
  const ready: Part = { line: readyWorkers(fleet), priority: 2 };
  if (fleet.replicas) {
    const healthy = fleet.replicas.filter(({ status }) => status === 'healthy').length;
    const all = fleet.replicas.length;
    const replicas = span(`${healthy}/${all} replicas healthy`, healthy < all ? 'warn' : 'plain');
    return joinParts(
      [
        { line: [span('fastvideo router', 'strong')], priority: 3 },
        address,
        ready,
        { line: [replicas], priority: 2 },
      ],
      width,
    );
  }
  const [member] = fleet.members;
  const version = member?.status.version;
  // A server of another make that speaks the same contract tells no version.
  const name = version === undefined ? '' : cleanText(`fastvideo ${version}`);
  const models = truncate(modelNames(fleet), Math.max(10, Math.floor(width / 2)));
  const uptime = member?.status.uptime_seconds;
  return joinParts(
    [
      ...(name === '' ? [] : [{ line: [span(name, 'strong')], priority: 3 }]),
      ...(models === '' ? [] : [{ line: [span(models, 'strong')], priority: 4 }]),
      address,
      ...(uptime === undefined ? [] : [{ line: [span(`up ${formatDuration(uptime)}`)], priority: 5 }]),
      ready,
    ],
    width,
  );
}

/** What makes the pictures: the models of the workers, each once. */
function modelNames({ members }: Fleet): string {
  const gpus = members.flatMap(({ status }) => Object.values(status.gpu_status));
  const models = new Set(
    gpus.flatMap(({ current_model_id: model }) =>
      // Of `organisation/name` the name tells more.
      model ? [cleanText(model.slice(model.lastIndexOf('/') + 1))] : [],
    ),
  );
  return [...models].join(', ');
}

function readyWorkers({ members }: Fleet): Line {
  const gpus = members.flatMap(({ status }) => Object.values(status.gpu_status));
  const total = members.reduce((sum, { status }) => sum + status.total_gpus, 0);
  const ready = gpus.filter(({ ready }) => ready).length;
  const tone = ready === 0 && total > 0 ? 'bad' : ready < total ? 'warn' : 'good';
  return [span(`${ready}/${total}`, tone), span(' ready')];
}

/** The second line: what waits, and what was done since the start. */
export function countsLine(fleet: Fleet, width: number): Line {
  const sum = (read: (status: Fleet['members'][number]['status']) => number | undefined) => {
    const values = fleet.members.flatMap(({ status }) => read(status) ?? []);
    return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
  };
  const failed = sum(({ totals }) => totals?.segments_failed);
  const counts = [
    { label: 'queue', value: sum(({ queue_size }) => queue_size), priority: 1, alarm: true },
    { label: 'sessions', value: sessionCount(fleet), priority: 2, alarm: false },
    { label: 'segments', value: sum(({ totals }) => totals?.segments_completed), priority: 3, alarm: false },
    { label: 'failed', value: failed, priority: 4, alarm: true },
    { label: 'cancelled', value: sum(({ totals }) => totals?.segments_cancelled), priority: 5, alarm: false },
    {
      label: 'warm-up failed',
      value: sum(({ warmup_failed_gpus }) => warmup_failed_gpus) || undefined,
      priority: 3,
      alarm: true,
    },
  ];
  const parts = counts.flatMap(({ label, value, priority, alarm }) => {
    if (value === undefined) return [];
    const tone = alarm && value > 0 ? 'warn' : 'plain';
    return [{ line: [span(`${label} `, 'dim'), span(value.toLocaleString('en'), tone)], priority }];
  });
  return joinParts(parts, width);
}
