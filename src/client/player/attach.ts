import { PlacedMedia } from '../film/placed-media.ts';
import { isInServer } from '../segment-entry.ts';
import type { Session } from '../session.ts';
import type { SessionEvent } from '../session-event.ts';
import { MediaPlayer, type PlayerOptions } from './media-player.ts';

/**
 * Plays all that a session receives in a `<video>`, on one time line: also what comes after a lost connection, and in
 * further sessions. `detach()` of what it gives ends that.
 *
 * @example
 * const session = new Session({ url: location.origin });
 * const player = attach(document.querySelector('video'), session);
 * player.subscribe((event) => console.log(event.type));
 * session.enqueue([{ prompt: 'A lighthouse in a violet storm' }]);
 */
export function attach(video: HTMLVideoElement, session: Session, options: PlayerOptions = {}): MediaPlayer {
  const player = new MediaPlayer(video, options);
  const placed = new PlacedMedia();
  const stop = session.subscribe((event) => feed(event, session, player, placed));
  player.signal.addEventListener('abort', stop);
  return player;
}

function feed(event: SessionEvent, session: Session, player: MediaPlayer, placed: PlacedMedia): void {
  switch (event.type) {
    case 'session':
      placed.begin();
      return;
    case 'init': {
      const place = placed.init(event.data);
      if (place === 'new') player.restart();
      const { format } = session.status;
      const data = place === 'unreadable' ? undefined : event.data;
      player.init(data, event.mime, format && format.frames / format.fps);
      return;
    }
    case 'media':
      for (const part of placed.media(event.data)) player.media(part);
      return;
    case 'segment_end':
      player.segmentEnd();
      return;
    case 'segments':
      if (!event.segments.some(isInServer)) queueMicrotask(() => endWhenIdle(session, player));
      return;
    case 'ended':
      player.end();
      return;
    default:
      return;
  }
}

/**
 * Where the server has nothing to make, the video ends, and not in a wait. To be called when the session has had its turn:
 * `whenIdle` may have asked for the next segment as the last one was made.
 */
export function endWhenIdle(session: Session, player: MediaPlayer): void {
  if (!session.segments.some(isInServer)) player.end();
}
