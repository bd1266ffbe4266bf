import { errorMessage } from '../../core/base/errors.ts';
import type { Logger } from '../../core/base/log.ts';

/** Addresses of all of the machine's networks: a browser wants one of them. */
const anyHost = /^http:\/\/(?:0\.0\.0\.0|\[::\])(?=:)/;

/** Opens the page in the person's browser. Where there is none, the log says so, and the server goes on. */
export async function openBrowser(serverUrl: string, logger: Logger): Promise<void> {
  const url = serverUrl.replace(anyHost, 'http://127.0.0.1');
  const tellFailure = (why: string) =>
    logger.warn({ url, why }, `no browser could be opened: open ${url} yourself`);
  try {
    const { default: open } = await import('open');
    const launcher = await open(url);
    launcher.once('error', (error) => tellFailure(error.message));
    launcher.once('exit', (code) => {
      if (code !== 0) tellFailure(`the launcher ended with ${code ?? 'a signal'}`);
    });
  } catch (error) {
    tellFailure(errorMessage(error));
  }
}
