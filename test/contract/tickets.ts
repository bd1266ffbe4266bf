import { ContractClient, type Received } from './client.ts';
import { StreamRules } from './stream-rules.ts';

/** What resumes a session. */
export interface Ticket {
  readonly session_id: string;
  readonly resume_token: string;
}

/** The ticket that an active session was given. */
export function ticketOf(client: ContractClient): Ticket {
  const [assigned] = client.frames('gpu_assigned');
  const [id, token] = [assigned?.['session_id'], assigned?.['resume_token']];
  if (typeof id !== 'string' || typeof token !== 'string') {
    throw new Error(`No resume_token came:\n${client.transcript()}`);
  }
  return { session_id: id, resume_token: token };
}

/** Opens the session again; its next segment has to be the one that `goesOn` says. */
export async function resumeAt(
  url: string,
  resume: Ticket,
  goesOn: { readonly nextIdx: number; readonly durationMs: number },
): Promise<ContractClient> {
  return await ContractClient.open(url, { resume }, { rules: new StreamRules(goesOn) });
}

/** All that comes of a resume that is refused, byte for byte as far as JSON goes: the order of fields counts. */
export async function refusalOf(url: string, resume: object): Promise<string> {
  await using client = await ContractClient.connect(url);
  client.send({ type: 'session_init_v2', resume });
  await client.close();
  return JSON.stringify(client.received);
}

/** The one answer to a resume that is not possible, whatever the reason. */
export function refused(message = 'The session cannot be resumed.', retryable = false): string {
  const error = { type: 'error', code: 'session_rejected', message, retryable };
  const received: Received[] = [
    { kind: 'frame', frame: error },
    { kind: 'close', code: 1013, reason: 'session_rejected' },
  ];
  return JSON.stringify(received);
}
