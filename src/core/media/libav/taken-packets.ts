import type { CodecContext, Packet } from 'node-av/lib';

/** What an encoder has ready; each packet's data is gone with the next one. `packet` is used for all of them. */
export function* takenPackets(
  encoder: CodecContext,
  packet: Packet,
): Generator<{ readonly data: Buffer; readonly isKey: boolean }, void, undefined> {
  while (encoder.receivePacketSync(packet) >= 0) {
    const { data, isKeyframe } = packet;
    if (data) yield { data, isKey: isKeyframe };
    packet.unref();
  }
}
