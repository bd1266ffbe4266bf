import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the page has met. */
export interface PlaybackReport {
  /** Error events of the video, the MediaSource and the SourceBuffer, failed appends, `error` frames. */
  readonly problems: readonly string[];
  readonly mimes: readonly string[];
  readonly sourceBuffers: number;
  readonly mode: string;
  readonly segments: readonly number[];
  readonly initSegments: number;
  readonly currentTime: number;
  /** Whether it was played to its end, and the pictures have been taken. */
  readonly ended: boolean;
  readonly ranges: readonly (readonly [number, number])[];
  /** Shown ones that `requestVideoFrameCallback` told of. */
  readonly shownFrames: number;
  readonly decodedFrames: number;
  readonly audioBytes: number;
  /** Small pictures of the middle of each second, each as bytes of RGBA. */
  readonly pictures: Readonly<Record<string, readonly number[]>>;
  /** Status of `/readyz`, and of a POST that the server refuses as not valid; 0: the browser kept it from the page. */
  readonly http: readonly number[];
  readonly closed: number | null;
}

/**
 * Plays `/ws` as the Dreamverse web app does: one SourceBuffer for as long as the mime stays, made at the first
 * `media_init`, chunks in a queue that moves on with `updateend`, the end of the stream told when the queue is empty.
 */
const script = `
const query = new URLSearchParams(location.search);
const server = query.get('server') ?? location.origin;
const mode = query.get('mode') ?? 'sequence';
const video = document.querySelector('video');
const canvas = document.querySelector('canvas');
const report = { problems: [], mimes: [], sourceBuffers: 0, mode: '', segments: [], initSegments: 0, shownFrames: 0,
  pictures: {}, http: [], closed: null };
const queue = [];
let mediaSource, sourceBuffer, openMime = '', complete = false, playing = false;

const problem = (what) => (event) => report.problems.push(what + ': ' + (event?.message ?? video.error?.message ?? ''));
video.addEventListener('error', problem('video'));

function flush() {
  if (!sourceBuffer || sourceBuffer.updating || mediaSource.readyState !== 'open') return;
  const chunk = queue.shift();
  if (chunk) {
    try { sourceBuffer.appendBuffer(chunk); } catch (error) { problem('append')(error); }
  } else if (complete) mediaSource.endOfStream();
}

function ensurePipeline(mime) {
  if (sourceBuffer && mediaSource.readyState === 'open' && mime === openMime) return;
  mediaSource = new MediaSource();
  sourceBuffer = undefined;
  openMime = mime;
  mediaSource.addEventListener('sourceopen', () => {
    sourceBuffer = mediaSource.addSourceBuffer(mime);
    sourceBuffer.mode = mode;
    report.sourceBuffers += 1;
    sourceBuffer.addEventListener('error', problem('SourceBuffer'));
    sourceBuffer.addEventListener('updateend', () => {
      flush();
      if (!playing && video.buffered.length > 0) {
        playing = true;
        video.play().catch(problem('play'));
      }
    });
    flush();
  }, { once: true });
  video.src = URL.createObjectURL(mediaSource);
}

function onFrame() {
  report.shownFrames += 1;
  video.requestVideoFrameCallback(onFrame);
}
video.requestVideoFrameCallback(onFrame);

// A busy machine shows few of the frames while it plays: each second is looked at afterwards.
let atEnd;
video.addEventListener('ended', async () => {
  const now = playback();
  const context = canvas.getContext('2d', { willReadFrequently: true });
  for (let second = 0; second < Math.round(video.duration); second += 1) {
    const shown = new Promise((resolve) => {
      const look = (_, { mediaTime }) =>
        Math.floor(mediaTime) === second ? resolve() : video.requestVideoFrameCallback(look);
      video.requestVideoFrameCallback(look);
    });
    video.currentTime = second + 0.5;
    await shown;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    report.pictures[second] = [...context.getImageData(0, 0, canvas.width, canvas.height).data];
  }
  atEnd = now;
}, { once: true });

const playback = () => ({
  shownFrames: report.shownFrames,
  currentTime: video.currentTime,
  decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
  audioBytes: video.webkitAudioDecodedByteCount,
});

const onFrameOfType = {
  media_init: ({ mime }) => { report.mimes.push(mime); ensurePipeline(mime); },
  ltx2_segment_complete: ({ segment_idx }) => report.segments.push(segment_idx),
  ltx2_stream_complete: () => { complete = true; flush(); },
  error: problem('error frame'),
};

const isInit = (chunk) => new TextDecoder().decode(chunk.slice(4, 8)) === 'ftyp';

async function start() {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  const asked = [fetch(server + '/readyz'), fetch(server + '/curated-presets/append', post)];
  report.http = await Promise.all(asked.map((answer) => answer.then(({ status }) => status, () => 0)));
  const socket = new WebSocket(server.replace(/^http/, 'ws') + '/ws');
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    const curated_prompts = ['red', 'green', 'blue', 'white', 'yellow', 'violet'].map((word) => word + ' dunes at dusk');
    socket.send(JSON.stringify({ type: 'session_init_v2', preset_id: 'test', curated_prompts, enhancement_enabled: false }));
  });
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') {
      const frame = JSON.parse(data);
      onFrameOfType[frame.type]?.(frame);
      return;
    }
    if (isInit(data)) report.initSegments += 1;
    queue.push(data);
    flush();
  });
  socket.addEventListener('close', ({ code }) => { report.closed = code; });
}
document.querySelector('button').addEventListener('click', start);

window.playbackReport = () => ({
  ...report,
  mode: sourceBuffer?.mode ?? '',
  ended: atEnd !== undefined,
  ranges: Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]),
  ...(atEnd ?? playback()),
});
`;

const html = `<!doctype html>
<title>a web app</title>
<button>Start</button>
<video width="256" height="192"></video>
<canvas width="16" height="12"></canvas>
<script src="assets/app.js"></script>
`;

/** The app as a build leaves it, in a folder of its own. */
export async function buildWebApp(): Promise<{ readonly directory: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-web-app-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), html);
  await writeFile(join(directory, 'assets', 'app.js'), script);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
