import type { Capabilities } from '../protocol/worker/capabilities.ts';
import type { GeneratorInfo } from './generator.ts';

/** What the outside is told of a generator; what it does not say has its default. */
export function capabilitiesOf(info: GeneratorInfo): Capabilities {
  return {
    sound: info.sound ?? info.audio !== null,
    pictures: [...info.pictures],
    needs_first_frame: info.needsFirstFrame ?? false,
    continuation: info.continuation ?? 'state',
    adapters: info.adapters ?? false,
    steering: info.steering ?? false,
    limits: info.limits ?? {},
  };
}
