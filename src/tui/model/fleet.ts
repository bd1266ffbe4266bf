import {
  isRouterStatus,
  type ReplicaStatus,
  type RouterReplica,
  type RouterStatus,
} from '../source/status-reading.ts';
import { cleanText } from '../text/clean-text.ts';

/** A replica whose own status is known. */
export interface Member {
  /** What its router calls it, else empty. */
  readonly name: string;
  readonly status: ReplicaStatus;
}

/** What is shown: one replica, or those of a router. */
export interface Fleet {
  readonly members: readonly Member[];
  /** As the router lists them; absent where a replica itself is shown. */
  readonly replicas?: readonly RouterReplica[];
}

export function readFleet(status: ReplicaStatus | RouterStatus): Fleet {
  if (!isRouterStatus(status)) return { members: [{ name: '', status }] };
  const members = status.replicas.flatMap((replica) =>
    replica.detail ? [{ name: replicaName(replica), status: replica.detail }] : [],
  );
  return { members, replicas: status.replicas };
}

/** As the router's config names it, else `host:port` of its address. */
export function replicaName({ url, name }: Pick<RouterReplica, 'url' | 'name'>): string {
  if (name) return cleanText(name);
  return cleanText(URL.canParse(url) ? new URL(url).host : url);
}
