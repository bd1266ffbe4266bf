import type { Fleet } from '../model/fleet.ts';
import type { History } from '../model/history.ts';
import { firstMediaMs, megabytesPerSecond, type Series, segmentsPerSecond, series } from '../model/rates.ts';
import { formatMs, formatRate } from '../text/format.ts';
import { cutLine, type Line, lineWidth, type Span, span } from '../text/line.ts';
import { sparkline } from '../text/sparkline.ts';
import { fitText } from '../text/text-width.ts';

const gap = 3;
const widestSparkline = 60;
const narrowestSparkline = 4;

/** Throughput and time to first media, with what they were at the last polls. None where the server counts nothing. */
export function gaugesLine(history: History, fleet: Fleet, width: number): Line | undefined {
  if (!fleet.members.some(({ status }) => status.totals)) return undefined;
  const gauges = [
    gauge('segments/s', 'seg/s', 4, series(history, segmentsPerSecond), formatRate),
    gauge('MB/s', 'MB/s', 4, series(history, megabytesPerSecond), formatRate),
    gauge('first media', 'first', 6, series(history, firstMediaMs), formatMs),
  ];
  const fixed = (long: boolean) =>
    gauges.reduce((sum, { named }) => sum + lineWidth(named(long)), 0) + gap * (gauges.length - 1);
  const room = (long: boolean) => Math.floor((width - fixed(long)) / gauges.length) - 1;
  const long = room(true) >= narrowestSparkline;
  const bars = Math.min(widestSparkline, room(long));
  const line = gauges.flatMap(({ named, values }, index): Span[] => [
    ...(index === 0 ? [] : [span(' '.repeat(bars >= narrowestSparkline ? gap : 2))]),
    ...named(long),
    ...(bars >= narrowestSparkline ? [span(` ${sparkline(values, bars)}`, 'accent')] : []),
  ]);
  return cutLine(line, width);
}

function gauge(
  long: string,
  short: string,
  digits: number,
  { now, values }: Series,
  format: (v: number) => string,
) {
  const value = fitText(now === undefined ? '–' : format(now), digits, 'right');
  return {
    values,
    named: (isLong: boolean): Line => [span(`${isLong ? long : short} `, 'dim'), span(value, 'strong')],
  };
}
