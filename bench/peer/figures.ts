import type { Round } from '../support/round.ts';
import { median } from '../support/statistics.ts';
import type { Cost } from '../support/timed-run.ts';
import type { ServerFigures } from './results.ts';

export function serverFigures(rounds: readonly Round[]): ServerFigures {
  const times = rounds.flatMap((round) => round.times);
  return {
    firstMs: median(times.map(({ firstMediaMs }) => firstMediaMs)),
    completeMs: median(times.map(({ completeMs }) => completeMs)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  };
}

export function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
  };
}
