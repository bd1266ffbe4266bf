import { z } from 'zod';

const MappingSchema = z.record(z.string(), z.unknown());

/** The value as an object with members, unless it is none. */
export function mappingOrUndefined(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return MappingSchema.safeParse(value).data;
}
