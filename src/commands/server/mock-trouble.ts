import { loadScenario, parseScenario } from '../../core/base/config/load-scenario.ts';
import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { packagePath } from '../../core/base/package-path.ts';
import { Trouble } from '../../core/mock/trouble.ts';

const shipped = packagePath('configs/scenarios');

/** The trouble that `mock` starts with. Throws `config_invalid`. */
export async function mockTrouble({ mock }: ServeConfig): Promise<Trouble> {
  const { scenario } = mock;
  const loaded = scenario === undefined ? parseScenario({}, '') : await loadScenario(scenario, shipped);
  return new Trouble(loaded, shipped);
}
