/**
 * `fastvideo/player`, and `/client.js` of each server: the client, a player for a `<video>`, and the element
 * `<fastvideo-player>`, which this module defines. For browsers; see docs/client.md.
 */
import { FastVideoPlayerElement } from './player/player-element.ts';

export * from './index.ts';
export { attach } from './player/attach.ts';
export type { LiveOptions } from './player/live-edge.ts';
export { MediaPlayer, type PlayerOptions } from './player/media-player.ts';
export type { PlayerEvent } from './player/player-event.ts';
export { FastVideoPlayerElement };

const { customElements: elements } = globalThis as { readonly customElements?: CustomElementRegistry };
// Another copy of this module may have been there first.
if (elements && !elements.get('fastvideo-player')) {
  elements.define('fastvideo-player', FastVideoPlayerElement);
}
