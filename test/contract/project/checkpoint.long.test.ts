import { describeMoves, scenarios } from './moves.ts';

describeMoves(scenarios, 6);
