// Must come first.
import './no-code-at-run-time.ts';

import { AlertView } from './alert-view.ts';
import { openBrowserSocket } from './browser-socket.ts';
import { Composer } from './composer.ts';
import { DownloadView } from './download-view.ts';
import { Film } from './film.ts';
import { LiveSession } from './live-session.ts';
import { MediaPlayer } from './media-player.ts';
import { MockScenarios } from './mock-scenarios.ts';
import { OptionsForm } from './options-form.ts';
import { pageElement, setText } from './page-element.ts';
import { Recordings } from './recordings.ts';
import { findRefusal } from './refusal.ts';
import { emptyQueue, type SegmentQueue } from './segment-queue.ts';
import { SegmentsView } from './segments-view.ts';
import { SessionActions } from './session-actions.ts';
import { idleStatus, type SessionStatus } from './session-status.ts';
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
const player = new MediaPlayer(video, {
  playsMuted: () => sound.show(),
  failed: (sentence) => alert.show(sentence),
});

const film = new Film(player, recordings);

let status: SessionStatus = idleStatus;
let queue: SegmentQueue = emptyQueue;

const options = new OptionsForm({
  toggled: (toggle, enabled) => session.steer({ type: `${toggle}_updated`, enabled }),
  curatedChanged: (prompts) => session.steer({ type: 'seed_prompts_updated', seed_prompts: prompts }),
  queueCurated: (prompts) => send(prompts, 'curated'),
  continuousChanged: () => session.goOn(),
});

const session = new LiveSession({
  url: address.ok ? address.url : '',
  openSocket: openBrowserSocket,
  opening: (continuation) => options.opening(continuation),
  singleClips: () => options.singleClips,
  diagnose: () => findRefusal(address.ok ? address.shown : '', address.ok ? address.statusUrl : undefined),
  whenIdle: ({ request }) =>
    options.continuous ? options.request(request.prompt, request.source) : undefined,
  events: {
    statusChanged: (next) => {
      // What kept the page from connecting is over.
      if (next.phase === 'active' && status.phase !== 'active') alert.clear();
      status = next;
      if (next.format) screen.style.setProperty('--ratio', String(next.format.width / next.format.height));
      show();
    },
    segmentsChanged: (next) => {
      queue = next;
      show();
    },
    sessionStarted: (continues) => film.sessionStarted(continues),
    sessionEnded: () => player.end(),
    init: (data, mime) => {
      screen.dataset.state = 'playing';
      video.controls = true;
      video.removeAttribute('tabindex');
      film.init(data, mime);
    },
    media: (data) => {
      film.media(data);
      downloads.show(recordings.list);
    },
    problem: (sentence) => alert.show(sentence),
    promptRefused: (prompt) => composer.giveBack(prompt),
    toggleRefused: (toggle) => {
      options.untick(toggle);
      session.steer({ type: `${toggle}_updated`, enabled: false });
    },
  },
});

const segments = new SegmentsView(
  (key) => session.takeBack(key),
  () => composer.focus(),
);
const statusView = new StatusView();
const actions = new SessionActions(session);
const downloads = new DownloadView();

function send(prompts: readonly string[], source: 'user' | 'curated'): void {
  alert.clear();
  if (!address.ok) {
    alert.show(address.problem);
    return;
  }
  session.submit(prompts.map((prompt) => options.request(prompt, source)));
}

function show(): void {
  segments.show(queue);
  statusView.show(status, queue);
  actions.show(status, queue);
}

setText(pageElement('address', HTMLElement), address.ok ? address.shown : 'none');
if (!address.ok) alert.show(address.problem);
downloads.show([]);
show();
if (address.ok && address.statusUrl !== undefined) {
  void new TroublePanel(new MockScenarios(address.statusUrl)).open();
}
// On a phone the focus would bring up the keyboard over the page.
if (matchMedia('(pointer: fine)').matches) composer.focus();
