import { type ChildProcess, type Serializable, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { alarm } from '../async/deadline.ts';
import { deferred } from '../async/deferred.ts';
import { Wakeup } from '../async/wakeup.ts';
import { systemErrorCode } from '../errors.ts';
import { StderrTail } from './stderr-tail.ts';

const groupsExist = process.platform !== 'win32';
/** Writes that may wait for it to read them: one on its way, one behind it so that the pipe never runs dry. */
const writesInFlight = 2;

export interface ChildOptions {
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Whether it heads a process group of its own; default true. Killing it then ends its children too, and a Ctrl-C at
   * the terminal does not reach it, because it is for us to decide when it stops.
   */
  readonly ownGroup?: boolean;
  /** A descriptor of ours that it reads in place of a pipe. */
  readonly stdin?: number;
  /** Has it talk over a channel of Node in place of stdin and stdout; gets what it sends. */
  readonly onMessage?: (message: unknown) => void;
  /** Gets each line that it writes to stderr. */
  readonly onStderr?: (line: string) => void;
  /**
   * How long what it has left behind may hold its output open once it has gone, in milliseconds; default: for ever.
   * Not for output that is read more slowly than it comes.
   */
  readonly pipeGraceMs?: number;
}

/** How a child ended. */
export type ChildExit =
  /** It could not be started. */
  | { readonly startError: Error }
  | {
      readonly startError?: undefined;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/**
 * A program that runs as a child process. A program that cannot be started shows as its exit, whatever the reason is:
 * nothing here throws for it, and no error event goes unheard.
 */
export class Child {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: StderrTail;
  /** Resolves once it has gone and its output is closed. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #ownGroup: boolean;
  readonly #stderr: Readable;
  readonly #moved = new Wakeup();
  #hasExited = false;
  #writing = 0;

  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    const { env = process.env, ownGroup = true, stdin = 'pipe', onMessage } = options;
    this.#ownGroup = ownGroup && groupsExist;
    const child = spawn(program, args, {
      env,
      detached: this.#ownGroup,
      stdio: onMessage ? ['ignore', 'ignore', 'pipe', 'ipc'] : [stdin, 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#process = child;
    // Those that were not asked for, and all of them without a descriptor left (EMFILE, ENFILE).
    this.stdin = child.stdin ?? new PassThrough().destroy();
    this.stdout = child.stdout ?? new PassThrough().destroy();
    this.#stderr = child.stderr ?? new PassThrough().destroy();
    this.stderr = new StderrTail(this.#stderr, options.onStderr);
    // What a broken pipe means is told by `exited`; whoever waits to write need not wait any longer.
    for (const stream of [this.stdin, this.stdout, this.#stderr])
      stream.on('error', () => this.#moved.wake());
    if (onMessage) child.on('message', onMessage);
    this.exited = this.#untilExit(options.pipeGraceMs).finally(() => {
      this.#hasExited = true;
      this.#moved.wake();
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** False from the moment it has gone, even if output of it is still unread. */
  get isRunning(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Bytes given to `write` that it has not read yet. */
  get unreadBytes(): number {
    return this.stdin.writableLength;
  }

  /** Resolves when there is room for more (or it has gone). One caller at a time. */
  async write(data: Uint8Array, onRead?: () => void): Promise<void> {
    this.writeNow(data, onRead);
    while (this.#writing >= writesInFlight && !this.#hasExited && !this.stdin.destroyed) {
      await this.#moved.wait();
    }
  }

  /** Without waiting: for input whose amount is bounded elsewhere. */
  writeNow(data: Uint8Array, onRead?: () => void): void {
    if (this.#hasExited || data.length === 0 || !this.stdin.writable) return;
    this.#writing += 1;
    this.stdin.write(data, () => {
      this.#writing -= 1;
      this.#moved.wake();
      onRead?.();
    });
  }

  /** Sends over the channel. One that has closed shows as its end. */
  send(message: Serializable): void {
    this.#process.send?.(message, () => undefined);
  }

  /** Closes the channel. */
  disconnect(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  /** Ends it at once and, where it heads a group, whatever is left of that. Does nothing when that is nothing. */
  kill(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    if (!this.#ownGroup) {
      this.#process.kill('SIGKILL');
      return;
    }
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // Nothing is left of it (macOS says EPERM for a group whose only member waits to be reaped).
      if (!['ESRCH', 'EPERM'].includes(systemErrorCode(error) ?? '')) throw error;
    }
  }

  /** Asks it to end, waits for that, then kills it. Resolves when it has gone. */
  async stop(ask: () => void, graceMs: number): Promise<void> {
    ask();
    using _ = alarm(graceMs, () => this.kill());
    await this.exited;
  }

  /** Whether it keeps this process alive. */
  keepAlive(yes: boolean): void {
    const streams = [this.stdin, this.stdout, this.#stderr].filter((stream) => stream instanceof Socket);
    for (const handle of [this.#process, ...streams]) {
      if (yes) handle.ref();
      else handle.unref();
    }
  }

  async #untilExit(pipeGraceMs: number | undefined): Promise<ChildExit> {
    const exit = deferred<ChildExit>();
    this.#process.on('error', (error) => {
      // That it could not be killed, or sent to, is told by what becomes of it.
      if (this.pid === undefined) exit.resolve({ startError: error });
    });
    this.#process.once('exit', (code, signal) => {
      // What it started itself must not outlive it.
      if (this.#ownGroup) this.kill();
      exit.resolve({ code, signal });
    });
    const how = await exit.promise;
    if (how.startError) return how;
    const timer =
      pipeGraceMs === undefined ? undefined : setTimeout(() => this.#closeOutput(), pipeGraceMs).unref();
    // Not the child's own `close`, which does not come once the channel was closed from here.
    await Promise.all([this.stdout, this.#stderr].map(closed));
    clearTimeout(timer);
    return how;
  }

  #closeOutput(): void {
    this.stdout.destroy();
    this.#stderr.destroy();
  }
}

/** Not `once` of Node, which rejects when the stream has failed before it closes. */
async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => void stream.once('close', resolve));
}
