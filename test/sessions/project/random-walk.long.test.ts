import { itComesToRest } from './random-walk.ts';

itComesToRest(2000);
