import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { expectation } from '../base/config/expectation.ts';
import { parseScenario, type ReadyMade } from '../base/config/load-scenario.ts';
import { ScenarioSchema } from '../base/config/scenario-schema/scenario.ts';
import { type SchemaKey, schemaKeys, unwrap } from '../base/config/schema-tree.ts';
import { toFastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { MockScenarioAnswer, ScenarioKey } from '../protocol/http/mock-scenario.ts';
import type { FaultInjection } from './fault-injection.ts';

/** Far more than a scenario has; each of its keys is compared with all that there are. */
const mostBodyBytes = 64 * 1024;

interface ScenarioRouteParts {
  readonly faults: FaultInjection;
  readonly readyMade: readonly ReadyMade[];
  readonly logger: Logger;
}

/** `GET` and `PUT /mock/scenario`: the trouble that clients meet, to look at and to change while the server runs. */
export function registerScenarioRoutes(
  app: FastifyInstance,
  { faults, readyMade, logger }: ScenarioRouteParts,
): void {
  const answer = (): MockScenarioAnswer => ({
    scenario: faults.scenario,
    ready_made: readyMade.map(({ name, scenario }) => ({ name, scenario })),
    keys: scenarioKeys,
  });

  app.get('/mock/scenario', { schema: { summary: 'The active scenario of this mock.' } }, async () =>
    answer(),
  );

  app.put(
    '/mock/scenario',
    {
      bodyLimit: Math.min(mostBodyBytes, app.initialConfig.bodyLimit ?? mostBodyBytes),
      schema: {
        summary: 'Replaces the active scenario: a scenario, or the name of a ready-made one.',
      },
    },
    async (request, reply) => {
      const { body } = request;
      try {
        // No path: what a page sends must not open files.
        const named = readyMade.find(({ name }) => name === body);
        faults.replace(named?.scenario ?? parseScenario(body, 'scenario'));
      } catch (error) {
        const { code, message } = toFastVideoError(error);
        return await reply
          .code(code === 'config_invalid' ? 400 : 500)
          .send({ code: 'invalid_message', message });
      }
      logger.info({ scenario: faults.scenario.name ?? null }, 'scenario changed');
      return answer();
    },
  );
}

/** Every key with what it takes, for forms. */
const scenarioKeys: readonly ScenarioKey[] = [...schemaKeys(ScenarioSchema)].map((key) => ({
  key: key.path.join('.'),
  ...fieldOf(key),
  takes: expectation(key.schema),
  description: key.description ?? '',
  ...(key.unit === undefined ? {} : { unit: key.unit }),
  ...(key.fallback === undefined ? {} : { default: key.fallback }),
}));

function fieldOf({ schema, section }: SchemaKey): Pick<ScenarioKey, 'field' | 'choices'> {
  const inner = unwrap(schema);
  if (section) return { field: 'section' };
  if (inner instanceof z.ZodNumber) return { field: 'number' };
  if (inner instanceof z.ZodBoolean) return { field: 'flag' };
  if (inner instanceof z.ZodEnum) return { field: 'choice', choices: inner.options.map(String) };
  if (inner instanceof z.ZodArray) return { field: 'list' };
  return { field: inner instanceof z.ZodUnion ? 'sessions' : 'text' };
}
