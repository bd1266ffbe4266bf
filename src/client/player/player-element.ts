import type { SegmentRequest } from '../segment-entry.ts';
import { Session } from '../session.ts';
import type { SessionEvent } from '../session-event.ts';
import { idleStatus } from '../session-status.ts';
import { attach } from './attach.ts';
import { statusText } from './element-text.ts';
import type { MediaPlayer } from './media-player.ts';
import type { PlayerEvent } from './player-event.ts';

const style = `
:host { display: block; position: relative; overflow: hidden; aspect-ratio: 16 / 9; background: #000; }
:host([hidden]) { display: none; }
video { display: block; width: 100%; height: 100%; object-fit: contain; }
p { position: absolute; inset: auto 0 0; margin: 0; padding: 0.5em 0.75em; font: 0.875rem/1.4 system-ui, sans-serif;
  color: #fff; background: #000a; }
p:empty, button[hidden] { display: none; }
button { position: absolute; inset: 0; margin: auto; width: 4em; height: 4em; border: 0; border-radius: 50%; font: inherit;
  color: #fff; background: #000a; cursor: pointer; }
`;

/** Events of a session that the element passes on; media is not among them. */
const told = ['status', 'segments', 'session', 'error', 'ended', 'segment_end'] as const;

/** The module loads where there are no elements too: in a worker, and where a page is rendered on a server. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<fastvideo-player url=… prompt=… autoplay muted>`: plays what a server generates for a prompt.
 *
 * Attributes: `url` (default: the server that this module came from), `api-key`, `preset`, `prompt`, `autoplay` (generates
 * at once, without it when the person presses the button), `continuous` (repeats the prompt whenever nothing waits),
 * `live` (media is made as it plays, and the play head stays near the newest picture), `muted`, `controls`. A changed
 * `prompt` is the next segment; with `live` the running one turns to it, where the model can.
 *
 * Events, each with what happened in `detail`: `status`, `segments`, `session`, `segment_end`, `ended`, `error`, `muted`,
 * `gap`, `slow`, `buffering`, `jump`.
 */
export class FastVideoPlayerElement extends Base {
  static readonly observedAttributes: readonly string[] = ['prompt', 'muted', 'controls'];

  readonly #video: HTMLVideoElement = document.createElement('video');
  readonly #text: HTMLParagraphElement = document.createElement('p');
  readonly #start: HTMLButtonElement = document.createElement('button');
  #session: Session | undefined;
  #player: MediaPlayer | undefined;
  #note = '';
  /** It is in a page, with all its attributes. */
  #ready = false;
  #countdown: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.#video.playsInline = true;
    this.#video.setAttribute('part', 'video');
    this.#text.setAttribute('part', 'status');
    this.#text.setAttribute('role', 'status');
    this.#start.type = 'button';
    this.#start.setAttribute('part', 'start');
    this.#start.setAttribute('aria-label', 'Play');
    this.#start.textContent = '▶';
    this.#start.hidden = true;
    this.#start.addEventListener('click', () => this.play());
    // What had enough may want the next segment.
    this.#video.addEventListener('timeupdate', () => this.#session?.resumeIdle());
    root.append(this.#video, this.#text, this.#start);
  }

  /** The `<video>` in it. */
  get video(): HTMLVideoElement {
    return this.#video;
  }

  /** The session; undefined before the first prompt, and out of a page. */
  get session(): Session | undefined {
    return this.#session;
  }

  get prompt(): string {
    return this.getAttribute('prompt') ?? '';
  }

  set prompt(prompt: string) {
    this.setAttribute('prompt', prompt);
  }

  connectedCallback(): void {
    this.#ready = true;
    this.#video.muted = this.hasAttribute('muted');
    this.#video.controls = this.hasAttribute('controls');
    if (this.prompt === '') return;
    if (this.hasAttribute('autoplay')) this.play();
    else this.#start.hidden = false;
  }

  disconnectedCallback(): void {
    this.#ready = false;
    clearInterval(this.#countdown);
    this.#session?.leave();
    this.#player?.detach();
    this.#session = undefined;
    this.#player = undefined;
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (name === 'muted') this.#video.muted = now !== null;
    if (name === 'controls') this.#video.controls = now !== null;
    if (name !== 'prompt' || before === now || !this.#ready) return;
    const steers = this.hasAttribute('live') && this.#session?.status.canSteer === true && this.prompt !== '';
    if (steers && this.#session?.steer(this.prompt)) return;
    if (this.#session || this.hasAttribute('autoplay')) this.generate(this.prompt);
    else this.#start.hidden = this.prompt === '';
  }

  /** Generates the prompt of the attribute, unless a session is open; plays on what was paused. */
  play(): void {
    if (!this.#session) this.generate(this.prompt);
    else this.#player?.play();
  }

  /** Asks for another segment, behind those that wait. */
  generate(request: string | SegmentRequest): void {
    const asked = typeof request === 'string' ? { prompt: request } : request;
    if (asked.prompt.trim() === '' || !this.#ready) return;
    this.#start.hidden = true;
    this.#note = '';
    const session = this.#session ?? this.#open();
    session?.enqueue([asked]);
  }

  #open(): Session | undefined {
    const preset = this.getAttribute('preset');
    try {
      this.#session = new Session({
        url: new URL(this.getAttribute('url') ?? '/', import.meta.url),
        apiKey: this.getAttribute('api-key') ?? undefined,
        init: {
          ...(preset === null ? {} : { preset }),
          ...(this.hasAttribute('live') ? { realtime: true } : {}),
        },
        whenIdle: () => this.#repeated(),
      });
    } catch (error) {
      this.#dispatch({ type: 'error', error });
      this.#note = error instanceof Error ? error.message : String(error);
      this.#show();
      return undefined;
    }
    this.#session.subscribe((event) => this.#take(event));
    this.#player = attach(this.#video, this.#session, { live: this.hasAttribute('live') });
    this.#player.subscribe((event) => this.#takePlayer(event));
    return this.#session;
  }

  /** What `continuous` asks for now. */
  #repeated(): SegmentRequest | undefined {
    if (!this.hasAttribute('continuous') || this.prompt === '' || this.#player?.hasEnough) return undefined;
    return { prompt: this.prompt };
  }

  #take(event: SessionEvent): void {
    if (event.type === 'error') {
      const { code, about, message } = event.error;
      // The segment had ended before the words came: they are those of the next one.
      if (code === 'invalid_message' && about?.message === 'prompt_update') {
        if (!this.hasAttribute('continuous')) this.generate(this.prompt);
        return;
      }
      this.#note = message;
    }
    if (event.type === 'init') this.#note = '';
    if (event.type === 'status') {
      clearInterval(this.#countdown);
      if (event.status.phase === 'reconnecting') this.#countdown = setInterval(() => this.#show(), 1000);
    }
    if (event.type !== 'media' && event.type !== 'frame') this.#show();
    if ((told as readonly string[]).includes(event.type)) this.#dispatch(event);
  }

  #takePlayer(event: PlayerEvent): void {
    if (event.type === 'error') this.#note = event.error.message;
    if (event.type === 'slow') this.#note = 'Generated slower than real time: buffering';
    if (event.type === 'buffering' && !event.active) this.#note = '';
    this.#show();
    this.#dispatch(event);
  }

  #show(): void {
    const text = statusText(this.#session?.status ?? idleStatus, Date.now());
    this.#text.textContent = text === '' ? this.#note : [text, this.#note].filter(Boolean).join(' ');
  }

  #dispatch(event: { readonly type: string }): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: event }));
  }
}
