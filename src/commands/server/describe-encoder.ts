import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { createEncoders } from '../../core/media/create-encoders.ts';
import { encodersOptions } from '../../core/pool/subprocess/encoder-settings.ts';
import { encoderMessage } from './encoder-message.ts';

/** What a server with this config would encode with, and why. Throws `config_invalid` as its start would. */
export async function describeEncoder(config: ServeConfig): Promise<string> {
  const { fragments, jpegs, description } = await createEncoders(encodersOptions(encoderMessage(config)));
  await fragments.close();
  await jpegs.close();
  return description;
}
