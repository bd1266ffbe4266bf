import type { Close } from './close-code.ts';

/** How a connection to a replica ended. */
export type ReplicaConnectionEnd =
  /** It never opened, and that is the replica's fault or the network's. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It never opened: the replica has too many of them. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** It never opened: the replica does not want this client. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** It was open and broke off without a close frame, or was cut off because the replica broke the protocol. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** It was closed in order, by whichever side. */
  | ({ readonly kind: 'closed' } & Close);
