import { once } from 'node:events';
import { render } from 'ink';
import { errorMessage, FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { App } from './components/app.tsx';
import { FrameStream } from './screen/frame-stream.ts';
import { openScreen } from './screen/screen.ts';
import { terminalSize } from './screen/terminal-size.ts';
import { poll } from './source/poller.ts';
import type { StatusSource } from './source/status-source.ts';
import { type DashboardState, initialState, withProblem, withStatus } from './state/dashboard-state.ts';
import type { Key } from './state/keys.ts';
import { type Surroundings, step } from './state/step.ts';
import { createStore } from './state/store.ts';
import type { UiState } from './state/ui-state.ts';

export interface LiveOptions {
  readonly source: StatusSource;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly intervalMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Holds the terminal and shows the status live until `q`, Ctrl-C or the signal. */
export async function showLive(options: LiveOptions): Promise<void> {
  const { source, stdin, stdout, intervalMs, env } = options;
  const state = createStore(initialState(source.label));
  const size = createStore(terminalSize(stdout));
  const end = new AbortController();
  let failure: unknown;
  const quit = () => end.abort();
  const fail = (error: unknown) => {
    failure ??= error;
    quit();
  };
  if (options.signal?.aborted) return;
  options.signal?.addEventListener('abort', quit, { once: true });

  const screen = openScreen(stdout);
  const frames = new FrameStream(terminalSize(stdout), (frame) => screen.show(frame));
  const onResize = () => {
    const next = terminalSize(stdout);
    Object.assign(frames, next);
    screen.invalidate();
    size.set(() => next);
  };
  // A terminal that was closed: there is nobody to show anything to.
  const onStdoutError = (error: Error) => (isGone(error) ? quit() : fail(error));
  stdout.on('resize', onResize);
  stdout.on('error', onStdoutError);
  try {
    const app = render(
      <App
        state={state}
        size={size}
        hasColor={!env['NO_COLOR']}
        hasKeys={stdin.isTTY === true}
        onKey={onKey}
      />,
      {
        stdin,
        // Ink asks of its stdout only what FrameStream has.
        stdout: frames as unknown as NodeJS.WriteStream,
        // Whole frames, as they come: the screen finds out what changed.
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      },
    );
    const exited = app.waitUntilExit().then(quit, fail);
    const polling = poll({
      source,
      intervalMs,
      signal: end.signal,
      onStatus: (status, atMs) => state.set((now) => withStatus(now, status, atMs)),
      onProblem: (error, atMs) => {
        if (!state.get().fleet && error instanceof FastVideoError && !error.retryable) fail(error);
        else state.set((now) => withProblem(now, error, atMs));
      },
    }).catch(fail);
    if (!end.signal.aborted) await once(end.signal, 'abort');
    app.unmount();
    await Promise.all([exited, polling]);
  } finally {
    options.signal?.removeEventListener('abort', quit);
    stdout.off('resize', onResize);
    screen.close();
    stdout.off('error', onStdoutError);
    stdin.pause();
  }
  if (failure !== undefined) throw failure;

  function onKey(key: Key, shown: Pick<Surroundings, 'panels' | 'dialog'>): void {
    const { ui, effect } = step(state.get().ui, key, { ...shown, drain: drainState(state.get(), source) });
    state.set((now) => (ui === now.ui ? now : { ...now, ui }));
    if (effect === 'quit') quit();
    if (effect === 'drain') void drain();
  }

  async function drain(): Promise<void> {
    try {
      await source.drain?.();
      notice('The server drains.', 'good');
    } catch (error) {
      notice(`Not drained: ${errorMessage(error)}`, 'bad');
    }
  }

  function notice(text: string, tone: NonNullable<UiState['notice']>['tone']): void {
    state.set((now) => ({ ...now, ui: { ...now.ui, notice: { text, tone } } }));
  }
}

function drainState({ fleet, problem }: DashboardState, { drain }: StatusSource): Surroundings['drain'] {
  if (fleet?.replicas) return 'router';
  if (!drain) return 'no token';
  if (problem || !fleet) return 'unreachable';
  return fleet.members.some(({ status }) => status.draining) ? 'draining' : 'possible';
}

function isGone(error: Error): boolean {
  return ['EPIPE', 'EIO', 'ENXIO'].includes(systemErrorCode(error) ?? '');
}
