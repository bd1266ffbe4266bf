import { once } from 'node:events';
import { pause } from '../../base/async/aborted.ts';
import { type PromptProvider, ProviderFailure } from '../../prompts/provider.ts';
import type { FaultInjection } from '../fault-injection.ts';

/** A provider that is slow, fails or does not answer as the scenario of its client has it. */
export function faultyProvider(inner: PromptProvider, faults: FaultInjection): PromptProvider {
  return {
    ...inner,
    async complete(request, signal) {
      const trouble = faults.current?.trouble;
      if (!trouble?.scenario.provider.operations.includes(request.task.operation)) {
        return await inner.complete(request, signal);
      }
      await pause(trouble.nextProviderWait(), signal);
      signal.throwIfAborted();
      const { fault } = trouble.scenario.provider;
      if (fault !== 'none' && trouble.happens('provider')) {
        if (fault === 'hang') await once(signal, 'abort');
        throw new ProviderFailure(`${inner.name} answered 503 (mock scenario)`, { retryable: true });
      }
      return await inner.complete(request, signal);
    },
  };
}

/** How long a call may take. */
export function providerTimeoutMs(faults: FaultInjection, configuredMs: number): number {
  const trouble = faults.current?.trouble;
  const { fault, timeout_ms } = faults.scenario.provider;
  return fault === 'hang' && trouble?.concerns('provider') ? timeout_ms : configuredMs;
}
