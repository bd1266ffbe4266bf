import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../../core/base/errors.ts';

/**
 * Keys of the contract that this version knows but cannot serve. A server that ignored them would be unsafe (no filter
 * although one was asked for) or unlike what was asked for. Throws `start_failed`.
 */
export function refuseWhatIsNotBuilt({ streaming }: ServeConfig): void {
  if (streaming.safety.enabled) {
    throw notBuilt(
      'streaming.safety.enabled',
      true,
      'this version has no prompt safety filter; set it to false',
    );
  }
  if (streaming.prompt.enabled) {
    throw notBuilt('streaming.prompt.enabled', true, 'this version has no prompt provider; set it to false');
  }
}

function notBuilt(key: string, value: boolean, why: string): FastVideoError {
  return new FastVideoError('start_failed', `${key} is ${value}: ${why}.`);
}
