import type { ServerStatus } from '../src/core/protocol/http/status.ts';

/** Milliseconds between two questions while no model is loaded. */
const pauseMs = 1000;
/** How often is asked: loading a model takes minutes at most. */
const mostQuestions = 300;

/**
 * Id of the model of the page's server, before there is a session; empty where the server does not say it.
 *
 * @param statusUrl - its `/status`, with the key
 * @param isWanted - whether the answer is still of use
 */
export async function servedModel(statusUrl: string, isWanted: () => boolean): Promise<string> {
  for (let asked = 0; asked < mostQuestions && isWanted(); asked += 1) {
    if (asked > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const workers = await workersOf(statusUrl);
    if (workers === undefined) return '';
    const id = workers.find(({ current_model_id }) => current_model_id !== null)?.current_model_id;
    if (id !== undefined && id !== null) return id;
  }
  return '';
}

async function workersOf(statusUrl: string): Promise<ServerStatus['gpu_status'][string][] | undefined> {
  try {
    const response = await fetch(statusUrl);
    if (!response.ok) return undefined;
    const { gpu_status } = (await response.json()) as Partial<Pick<ServerStatus, 'gpu_status'>>;
    return gpu_status && Object.values(gpu_status);
  } catch {
    // That there is no connection is told when one is wanted.
    return undefined;
  }
}
