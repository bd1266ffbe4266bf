import { join, resolve } from 'node:path';
import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { packagePath } from '../../core/base/package-path.ts';
import { CuratedPresets } from '../../core/server/curated-presets.ts';

const shipped = packagePath('configs/curated-presets.json');

/** The presets that the config names, read once. Throws `start_failed`. */
export async function buildPresets(
  { server }: ServeConfig,
  onLimit: () => void = () => undefined,
): Promise<CuratedPresets> {
  const presets = new CuratedPresets({
    filePath: resolve(server.curated_presets_path ?? join(server.output_dir, 'curated_presets.json')),
    fallbackFilePath: resolve(server.curated_presets_fallback_path ?? shipped),
    maxBytes: server.limits.presets_bytes,
    onLimit,
  });
  await presets.check(server.curated_presets_fallback_path);
  return presets;
}
