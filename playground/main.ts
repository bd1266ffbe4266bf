// Must come first.
import './no-code-at-run-time.ts';

import { MediaPlayer } from '../src/client/player/media-player.ts';
import type { PlayerEvent } from '../src/client/player/player-event.ts';
import { isInServer, type PromptSource, type SegmentEntry } from '../src/client/segment-entry.ts';
import { Session } from '../src/client/session.ts';
import type { SessionEvent } from '../src/client/session-event.ts';
import { idleStatus, type SessionStatus } from '../src/client/session-status.ts';
import { AlertView } from './alert-view.ts';
import { CodePanel } from './code-panel.ts';
import { Composer } from './composer.ts';
import { DownloadView } from './download-view.ts';
import { errorSentence } from './error-sentences.ts';
import { examplePrompts } from './example-prompts.ts';
import { Film } from './film.ts';
import { LiveSwitch } from './live-switch.ts';
import { MockScenarios } from './mock-scenarios.ts';
import { OptionsForm } from './options-form.ts';
import { pageElement, setText } from './page-element.ts';
import { linkedOptions, pageLink } from './page-link.ts';
import { Recordings } from './recordings.ts';
import { SegmentsView } from './segments-view.ts';
import { SessionActions } from './session-actions.ts';
import { SoundButton } from './sound-button.ts';
import { StatusView } from './status-view.ts';
import { streamAddress } from './stream-address.ts';
import { TroublePanel } from './trouble-panel.ts';

const address = streamAddress(new URL(location.href));
const video = pageElement('video', HTMLVideoElement);
const screen = pageElement('screen', HTMLElement);
const composer = new Composer((prompt) => send([prompt], 'user'));
const alert = new AlertView(() => composer.focus());
const sound = new SoundButton(video);
const recordings = new Recordings();
const player = new MediaPlayer(video, { unmuteOnGesture: false });
player.subscribe(takePlayerEvent);
const film = new Film(player, recordings);

let status: SessionStatus = idleStatus;
let entries: readonly SegmentEntry[] = [];
/** About the playing of the latest segment. */
let playing = '';

const options = new OptionsForm({
  toggled: (toggle, enabled) => session.send({ type: `${toggle}_updated`, enabled }),
  curatedChanged: (prompts) => session.send({ type: 'seed_prompts_updated', seed_prompts: prompts }),
  queueCurated: (prompts) => send(prompts, 'curated'),
  continuousChanged: () => session.resumeIdle(),
});

const live = new LiveSwitch((on) => {
  player.setLive(on);
  session.send({ type: 'realtime_updated', enabled: on });
  session.resumeIdle();
});

const session = new Session({
  // Without an address nothing is ever sent.
  url: address.ok ? address.url : location.href,
  apiKey: address.ok ? address.apiKey : undefined,
  askStatus: address.ok && address.statusUrl !== undefined,
  init: async () => ({ ...(await options.opening()), realtime: live.on }),
  whenIdle: ({ request }) =>
    live.on || options.continuous
      ? options.request((live.on && live.words) || request.prompt, request.source ?? 'user')
      : undefined,
});
session.subscribe(take);

const segments = new SegmentsView(
  (key) => session.remove(key),
  () => composer.focus(),
);
const statusView = new StatusView();
const actions = new SessionActions(session);
const downloads = new DownloadView();

/** What was typed or sent last. */
const lastPrompt = () => composer.prompt || live.words || examplePrompts[0];
const code = new CodePanel({
  request: () => ({
    server: address.ok ? serverOf(address.url) : location.origin,
    prompt: lastPrompt(),
    seed: options.seed,
    hasKey: address.ok && address.apiKey !== undefined,
  }),
  link: () => pageLink(new URL(location.href), { prompt: lastPrompt(), seed: options.seed, live: live.on }),
});

/** The stream's address as the server's. */
function serverOf(stream: string): string {
  return new URL(stream).origin.replace(/^ws/, 'http');
}

function send(prompts: readonly string[], source: PromptSource): void {
  alert.clear();
  if (!address.ok) {
    alert.show(address.problem);
    return;
  }
  const [words] = prompts;
  if (words !== undefined && source === 'user') {
    live.words = words;
    code.show();
    // What the model cannot show in the running segment is the next one.
    if (live.on && status.canSteer && session.steer(words)) return;
  }
  session.enqueue(prompts.map((prompt) => options.request(prompt, source)));
}

function take(event: SessionEvent): void {
  switch (event.type) {
    case 'status':
      takeStatus(event.status);
      return;
    case 'segments':
      entries = event.segments;
      if (!entries.some(isInServer)) player.end();
      show();
      return;
    case 'session':
      film.sessionStarted(event.how);
      return;
    case 'init':
      screen.dataset.state = 'playing';
      video.controls = true;
      video.removeAttribute('tabindex');
      playing = '';
      film.init(event.data, event.mime, segmentSeconds());
      return;
    case 'media':
      film.media(event.data);
      downloads.show(recordings.list);
      return;
    case 'frame':
      if (event.frame.type !== 'prompt_updated') return;
      playing = `The picture turns to “${event.frame.prompt}”.`;
      show();
      return;
    case 'segment_end':
      player.segmentEnd();
      return;
    case 'error':
      takeError(event);
      return;
    case 'ended':
      player.end();
      return;
    default:
      return;
  }
}

function segmentSeconds(): number | undefined {
  return status.format && status.format.frames / status.format.fps;
}

function takePlayerEvent(event: PlayerEvent): void {
  switch (event.type) {
    case 'muted':
      sound.show();
      return;
    case 'gap':
      playing = `${(event.to - event.from).toFixed(2)} s of the video did not arrive; it goes on behind them.`;
      show();
      return;
    case 'slow':
      playing = 'Generated slower than real time: the video waits until it can play without a stop.';
      show();
      return;
    case 'error':
      alert.show(`${event.error.message} The download has all that arrived.`);
      return;
    default:
      return;
  }
}

function takeStatus(next: SessionStatus): void {
  // What kept the page from connecting is over.
  if (next.phase === 'active' && status.phase !== 'active') alert.clear();
  status = next;
  if (next.format) screen.style.setProperty('--ratio', String(next.format.width / next.format.height));
  show();
}

function takeError({ error, refused }: Extract<SessionEvent, { type: 'error' }>): void {
  // The segment had ended before the words came: the next one begins with them.
  if (live.on && error.code === 'invalid_message' && error.about?.message === 'prompt_update') return;
  alert.show(errorSentence(error));
  if (refused && (refused.source ?? 'user') === 'user') composer.giveBack(refused.prompt);
  const toggle = error.about?.toggle;
  if (toggle === undefined) return;
  options.untick(toggle);
  session.send({ type: `${toggle}_updated`, enabled: false });
}

function show(): void {
  segments.show(entries);
  statusView.show(status, entries, playing);
  actions.show(status, entries);
}

const linked = linkedOptions(new URL(location.href));
composer.giveBack(linked.prompt);
options.seed = linked.seed;
live.set(linked.live);
player.setLive(linked.live);
setText(pageElement('address', HTMLElement), address.ok ? address.shown : 'none');
if (!address.ok) alert.show(address.problem);
downloads.show([]);
show();
if (address.ok && address.statusUrl !== undefined) {
  void new TroublePanel(new MockScenarios(address.statusUrl)).open();
}
// On a phone the focus would bring up the keyboard over the page.
if (matchMedia('(pointer: fine)').matches) composer.focus();
