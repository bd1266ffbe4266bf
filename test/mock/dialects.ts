import { ContractClient } from '../contract/client.ts';
import type { Frame } from '../contract/frame-documents.ts';
import { ProjectClient } from '../contract/project/project-client.ts';
import { quick, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';

export type Dialect = '/v1/stream' | '/ws';
export const dialects: readonly Dialect[] = ['/v1/stream', '/ws'];

/** A client of one of the dialects, which watches the rules of that. */
export type Client = ContractClient | ProjectClient;

/** Connects and sends the first frame; prompts are used as they are unless `init` says otherwise. */
export async function connect(dialect: Dialect, url: string, init: object = {}): Promise<Client> {
  const opening = { type: 'session_init_v2', enhancement_enabled: false, ...init };
  const client = dialect === '/ws' ? await ProjectClient.connect(url) : await ContractClient.connect(url);
  client.send(opening);
  return client;
}

/** Connects and waits for a worker. */
export async function open(dialect: Dialect, url: string, init: object = {}): Promise<Client> {
  const client = await connect(dialect, url, init);
  await client.until('gpu_assigned');
  return client;
}

/** On `/ws` the prompt's own name is its words. */
export function ask(client: Client, prompt: string): void {
  if (client instanceof ProjectClient) client.send({ type: 'append_prompt', prompt, prompt_id: prompt });
  else client.send({ type: 'segment_prompt_source', prompt });
}

/** Goes on to the next `error`. */
export async function error(client: Client): Promise<Frame> {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`Close ${received.code} came before an error.`);
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}

/** Arguments of a mock with small pictures and segments of so many frames. */
export function troubledArguments(frames: number, args: readonly string[] = []): string[] {
  return [...quick, '--default_request.sampling.num_frames', String(frames), ...args];
}

/** Such a mock with that scenario. */
export async function troubled(
  scenario: string,
  frames = 48,
  args: readonly string[] = [],
): Promise<ServerProcess> {
  return await readyServer('mock', [...troubledArguments(frames, args), '--scenario', scenario]);
}

/** Puts another scenario in force. */
export async function putScenario(
  url: string,
  scenario: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(`${url}/mock/scenario`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(scenario),
  });
}
