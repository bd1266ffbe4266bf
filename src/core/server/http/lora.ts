import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AdapterConfig } from '../../base/config/serve-schema/adapters.ts';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { triggersOf } from '../../generators/adapters/triggers.ts';
import type { Pool } from '../../pool/pool.ts';
import { LoraChoiceSchema } from '../../protocol/lora.ts';
import { type ChosenAdapters, chooseAdapters, stylesOf } from '../adapters/choose-adapters.ts';
import { type ChangeOptions, changeGuard } from './change-guard.ts';
import { refusal } from './refusal.ts';

interface LoraOptions {
  readonly declared: readonly AdapterConfig[];
  readonly pool: Pick<Pool, 'applyAdapters'>;
  readonly changes: ChangeOptions;
  readonly logger: Logger;
}

/** A wrong choice is the client's, no worker passes, and what a worker says of a file is the operator's. */
const statuses: Readonly<Record<string, number>> = { invalid_message: 400, gpu_unavailable: 503 };

/**
 * `GET /lora/options` and `POST /lora`: the adapters, and which of them all sessions get that chose none. Without a declared
 * adapter there are no such routes.
 */
export function registerLora(app: FastifyInstance, { declared, pool, changes, logger }: LoraOptions): void {
  if (declared.length === 0) return;
  const styles = stylesOf(declared);

  app.get('/lora/options', { schema: { summary: 'The adapters that can be applied.' } }, async () => ({
    styles: ['none', ...styles.map(({ name }) => name)],
    labels: { none: 'None', ...Object.fromEntries(styles.map(({ name, label = name }) => [name, label])) },
    has_base_lora: styles.length < declared.length,
  }));

  app.post(
    '/lora',
    {
      onRequest: changeGuard(changes, 'the adapters'),
      schema: { summary: 'Applies adapters to all workers from their next segment on.' },
    },
    async (request, reply) => {
      const parsed = LoraChoiceSchema.safeParse(request.body);
      if (!parsed.success) {
        return await reply.code(400).send(refusal('invalid_message', z.prettifyError(parsed.error)));
      }
      try {
        const chosen = chooseAdapters(parsed.data, declared);
        if (!chosen.namesAny) throw nothingToApply(styles);
        const gpus = await pool.applyAdapters(chosen.selection);
        logger.info({ adapters: chosen.selection, gpus }, 'adapters applied');
        return applied(chosen, declared, gpus);
      } catch (error) {
        if (!(error instanceof FastVideoError)) throw error;
        if (error.code !== 'invalid_message')
          logger.error({ error: errorMessage(error) }, 'adapters not applied');
        return await reply.code(statuses[error.code] ?? 500).send(refusal(error.code, error.message));
      }
    },
  );
}

function applied(
  { selection, strength, styles }: ChosenAdapters,
  declared: readonly AdapterConfig[],
  gpus: readonly number[],
) {
  const triggers = Object.keys(styles).flatMap((name) => {
    const trigger = declared.find((adapter) => adapter.name === name)?.trigger;
    return trigger === undefined ? [] : [[name, trigger] as const];
  });
  const { before, behind } = triggersOf(selection, declared);
  const words = [...before, ...behind].join(' ') || null;
  return {
    applied: true,
    strength,
    styles,
    triggers: Object.fromEntries(triggers),
    gpus: Object.fromEntries(gpus.map((gpuId) => [String(gpuId), words])),
  };
}

function nothingToApply(styles: readonly AdapterConfig[]): FastVideoError {
  const names = styles.map(({ name }) => name).join(', ');
  const message = `No style selected, and the server has no base adapter; nothing to apply. Name a style in "styles": ${names}.`;
  return new FastVideoError('invalid_message', message, { retryable: false });
}
