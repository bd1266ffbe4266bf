// Must come first.
import './no-code-at-run-time.ts';

import type { FastVideoError } from '../src/client/errors.ts';
import { endWhenIdle } from '../src/client/player/attach.ts';
import { MediaPlayer } from '../src/client/player/media-player.ts';
import type { PlayerEvent } from '../src/client/player/player-event.ts';
import type { PromptSource, SegmentEntry } from '../src/client/segment-entry.ts';
import { running } from '../src/client/segment-queue.ts';
import { Session } from '../src/client/session.ts';
import type { SessionEvent } from '../src/client/session-event.ts';
import { idleStatus, type SessionStatus } from '../src/client/session-status.ts';
import { AlertView } from './alert-view.ts';
import { CodePanel } from './code-panel.ts';
import { Composer } from './composer.ts';
import { DownloadView } from './download-view.ts';
import { errorSentence } from './error-sentences.ts';
import { Film } from './film.ts';
import { History } from './history.ts';
import { LiveSwitch } from './live-switch.ts';
import { MockScenarios } from './mock-scenarios.ts';
import { modelWords } from './model-words.ts';
import { OptionsForm } from './options-form.ts';
import { pageElement, setText } from './page-element.ts';
import { linkedOptions, pageLink } from './page-link.ts';
import { Playback } from './playback.ts';
import { PlayingNote } from './playing-note.ts';
import { Recordings } from './recordings.ts';
import { SegmentsView } from './segments-view.ts';
import { servedModel } from './served-model.ts';
import { SessionActions } from './session-actions.ts';
import { SoundButton } from './sound-button.ts';
import { StatusView } from './status-view.ts';
import { streamAddress } from './stream-address.ts';
import { TroublePanel } from './trouble-panel.ts';
import { VideoControls } from './video-controls.ts';
import { Welcome } from './welcome.ts';

const address = streamAddress(new URL(location.href));
const video = pageElement('video', HTMLVideoElement);
const screen = pageElement('screen', HTMLElement);
const composer = new Composer((prompt) => send([prompt], 'user'));
const welcome = new Welcome(modelWords(''), (prompt) => send([prompt], 'user'));
const alert = new AlertView(() => composer.focus());
const sound = new SoundButton(video);
const recordings = new Recordings();
// What is still there can be played again.
const player = new MediaPlayer(video, { unmuteOnGesture: false, backBuffer: 300 });
player.subscribe(takePlayerEvent);
const playback = new Playback(video, player);
const controls = new VideoControls(video, playback);
const history = new History(video, (key) => {
  segments.picture(key, video);
  show();
});
const film = new Film(player, recordings, () => {
  history.clear();
  playback.restart();
});

let status: SessionStatus = idleStatus;
let entries: readonly SegmentEntry[] = [];
const playing = new PlayingNote();

const options = new OptionsForm({
  toggled: (toggle, enabled) => session.send({ type: `${toggle}_updated`, enabled }),
  curatedChanged: (prompts) => session.send({ type: 'seed_prompts_updated', seed_prompts: prompts }),
  queueCurated: (prompts) => send(prompts, 'curated'),
  continuousChanged: () => session.resumeIdle(),
});

const live = new LiveSwitch((on) => {
  playback.setLive(on);
  controls.show();
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
    live.on || (options.continuous && !player.hasEnough)
      ? options.request((live.on && live.words) || request.prompt, request.source ?? 'user')
      : undefined,
});
session.subscribe(take);
// What had enough may want the next segment.
video.addEventListener('timeupdate', () => session.resumeIdle());

const segments = new SegmentsView({
  takeBack: (key) => session.remove(key),
  replay: (key) => playback.seek(history.startOf(key) ?? video.currentTime),
  focusLost: () => composer.focus(),
});
const statusView = new StatusView();
const actions = new SessionActions(session);
const downloads = new DownloadView();

/** What was typed or sent last. */
const lastPrompt = () => composer.prompt || live.words || modelWords(status.modelId).examples[0];
const code = new CodePanel({
  request: () => ({
    server: address.ok ? serverOf(address.url) : location.origin,
    prompt: lastPrompt(),
    seed: options.seed,
    hasKey: address.ok && address.apiKey !== undefined,
  }),
  link: () =>
    pageLink(new URL(location.href), {
      prompt: lastPrompt(),
      seed: options.seed,
      live: live.on,
      shape: options.shape.chosen,
    }),
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
      queueMicrotask(() => endWhenIdle(session, player));
      show();
      return;
    case 'session':
      film.sessionStarted(event.how);
      return;
    case 'init':
      welcome.leave();
      playing.segmentBegins();
      beginSegment(event);
      return;
    case 'media':
      film.media(event.data);
      downloads.show(recordings.list);
      return;
    case 'frame':
      if (event.frame.type !== 'prompt_updated') return;
      playing.say(`The picture turns to “${event.frame.prompt}”.`);
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

function beginSegment({ data, mime }: Extract<SessionEvent, { type: 'init' }>): void {
  film.init(data, mime, segmentSeconds());
  const current = running({ entries });
  if (current) history.begins(current.key, film.seconds);
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
      playing.say(
        `${(event.to - event.from).toFixed(2)} s of the video are missing; it goes on behind them.`,
      );
      show();
      return;
    case 'slow':
      playing.say('Generated slower than real time: the video waits until it can play without a stop.');
      show();
      return;
    case 'error':
      takeMediaError(event.error);
      return;
    default:
      return;
  }
}

function takeMediaError({ code, message }: FastVideoError): void {
  if (code === 'media_failed') film.failed();
  alert.show(code === 'media_failed' ? message : `${message} The download has all that arrived.`);
}

function takeStatus(next: SessionStatus): void {
  // What kept the page from connecting is over.
  if (next.phase === 'active' && status.phase !== 'active') alert.clear();
  if (next.modelId !== '') describeModel(next.modelId);
  // A session that has not begun knows no model yet.
  status = next.modelId === '' ? { ...next, modelId: status.modelId } : next;
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

function describeModel(modelId: string): void {
  if (modelId === status.modelId) return;
  const words = modelWords(modelId);
  composer.suggest(words.examples);
  welcome.describe(words);
}

async function askForModel(statusUrl: string): Promise<void> {
  const modelId = await servedModel(statusUrl, () => status.modelId === '');
  if (status.modelId === '') takeStatus({ ...status, modelId });
}

function show(): void {
  welcome.show(status, entries);
  segments.show(entries, (key) => history.startOf(key) !== undefined);
  statusView.show(status, entries, playing.sentence);
  actions.show(status, entries);
}

const linked = linkedOptions(new URL(location.href));
composer.suggest(modelWords('').examples);
composer.giveBack(linked.prompt);
options.seed = linked.seed;
options.shape.set(linked.shape);
live.set(linked.live);
playback.setLive(linked.live);
setText(pageElement('address', HTMLElement), address.ok ? address.shown : 'none');
if (!address.ok) alert.show(address.problem);
downloads.show([]);
show();
if (address.ok && address.statusUrl !== undefined) {
  void new TroublePanel(new MockScenarios(address.statusUrl)).open();
  void askForModel(address.statusUrl);
  void options.shape.open(address.statusUrl);
}
// On a phone the focus would bring up the keyboard over the page.
if (matchMedia('(pointer: fine)').matches) composer.focus();
