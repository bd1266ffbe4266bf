import type { Table } from '../support/table.ts';
import { mustHoldTable } from './must-hold.ts';
import { isDeadlock, type PeerResults, type SessionsResult } from './results.ts';
import { sizeName } from './sizes.ts';

/** All that is printed and written into the docs. */
export function peerTables(results: PeerResults): Table[] {
  return [
    mustHoldTable(results),
    wallTable(results),
    cpuTable(results),
    sessionsTable(results),
    encodeTable(results),
  ];
}

function wallTable({ sizes }: PeerResults): Table {
  return {
    title:
      'One session, wall milliseconds: ours with sound, the peer and bare ffmpeg without, the bare loop with it',
    header: [
      ...['size', 'first media', 'peer', 'ours/peer', 'whole segment', 'peer', 'ours/peer'],
      ...['bare ffmpeg', 'ours/ffmpeg', 'bare loop', 'ours/loop'],
    ],
    rows: sizes.map(({ ours, peer, ffmpeg, loop, ...size }) => [
      sizeName(size),
      ...[ours.firstMs, peer.firstMs, ours.firstMs / peer.firstMs],
      ...[ours.completeMs, peer.completeMs, ours.completeMs / peer.completeMs],
      ...[ffmpeg.wallMs, ours.completeMs / ffmpeg.wallMs],
      ...[loop.wallMs, ours.completeMs / loop.wallMs],
    ]),
  };
}

function cpuTable({ sizes }: PeerResults): Table {
  return {
    title: 'One session, CPU milliseconds for a segment: user and system, children included',
    header: ['size', 'ours', 'peer', 'ours/peer', 'bare ffmpeg', 'ours/ffmpeg', 'bare loop', 'ours/loop'],
    rows: sizes.map(({ ours, peer, ffmpeg, loop, ...size }) => [
      sizeName(size),
      ...[ours.cpuMs, peer.cpuMs, ours.cpuMs / peer.cpuMs],
      ...[ffmpeg.cpuMs, ours.cpuMs / ffmpeg.cpuMs],
      ...[loop.cpuMs, ours.cpuMs / loop.cpuMs],
    ]),
  };
}

function sessionsTable({ sessions }: PeerResults): Table {
  return {
    title: 'Sessions at once, 256x256x24',
    header: [
      'sessions',
      'complete',
      'segments/s',
      'peer',
      'ours/peer',
      'CPU ms a segment',
      'peer',
      'ours/peer',
    ],
    rows: sessions.map((one) => [
      `${one.sessions}`,
      `${one.completed} of ${one.asked}`,
      one.ours.perSecond,
      ...peerRates(one),
    ]),
  };
}

function peerRates({ ours, peer }: SessionsResult): (string | number)[] {
  if (!peer) return ['not asked', '', ours.cpuMs, '', ''];
  if (!isDeadlock(peer)) {
    return [
      ...[peer.perSecond, ours.perSecond / peer.perSecond],
      ...[ours.cpuMs, peer.cpuMs, ours.cpuMs / peer.cpuMs],
    ];
  }
  const { roundsDone, completed, asked, silentMs } = peer;
  const when = `deadlock in round ${roundsDone + 1}: ${completed} of ${asked}, then silent for ${silentMs / 1000} s`;
  return [when, '', ours.cpuMs, '', ''];
}

function encodeTable({ encode: { ours, ffmpeg } }: PeerResults): Table {
  return {
    title: '`fastvideo encode`, 484 frames of 1280x720, the start of Node included',
    header: ['', 'ours', 'bare ffmpeg', 'ours/ffmpeg'],
    rows: [
      ['wall ms', ours.wallMs, ffmpeg.wallMs, ours.wallMs / ffmpeg.wallMs],
      ['CPU ms', ours.cpuMs, ffmpeg.cpuMs, ours.cpuMs / ffmpeg.cpuMs],
    ],
  };
}
