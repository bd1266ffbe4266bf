import * as z from 'zod';
import { boundedList } from './bounded-list.ts';

/** As many as a server may declare. */
const mostAdapters = 64;

const name = z.string().max(400);

/** Which adapters are to be applied: the body of `POST /lora`, and what a session chooses for itself. */
export const LoraChoiceSchema = z
  .object({
    strength: z
      .number()
      .nullish()
      .describe('Of the base adapter, 0 to 1; what is beyond is cut. Default: 1.'),
    styles: z
      .record(name, z.number())
      .nullish()
      .describe('Strengths of the styles, 0 to 1, by name; what is beyond is cut. Default: none.'),
    style: name.nullish().describe('Where there are no `styles`: one style at full strength, or `none`.'),
  })
  .meta({ id: 'LoraChoice' });
export type LoraChoice = z.infer<typeof LoraChoiceSchema>;

/** What the first frame may say about adapters, in both dialects. */
export const loraFields = {
  lora: LoraChoiceSchema.nullish().describe(
    '(ours) The adapters of this session, of those that `GET /lora/options` names. Default: those of the server, which `POST /lora` changes.',
  ),
};

/** Adapters in the state of a session. */
export const AdapterMemberSchema = boundedList(
  z.array(z.object({ name, strength: z.number().min(0).max(1) })),
  mostAdapters,
);
