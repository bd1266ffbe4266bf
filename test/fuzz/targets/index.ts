import type { Target } from '../target.ts';
import { config } from './config.ts';
import { native, project } from './dialects.ts';
import { frames } from './frames.ts';
import { http } from './http.ts';
import { mp4 } from './mp4.ts';
import { openings } from './openings.ts';
import { pictures } from './pictures.ts';
import { replica } from './replica.ts';
import { websocket } from './websocket.ts';
import { worker } from './worker.ts';

/** In the order in which they take turns. */
export const targets: readonly Target[] = [
  mp4,
  config,
  frames,
  pictures,
  http,
  websocket,
  native,
  project,
  openings,
  worker,
  replica,
];
