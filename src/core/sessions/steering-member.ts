import { z } from 'zod';
import type { PromptChange } from '../generators/steering.ts';
import { boundedList } from '../protocol/bounded-list.ts';
import { written } from './checkpoint-members.ts';
import { nothingLeft } from './exhaustive.ts';
import { mostSteps, noSteering, type Steering } from './steering.ts';

const frame = z.int().min(0).max(1_000_000);
const ChangeSchema = z.object({
  prompt: z.string().max(1_000_000),
  transition_ms: z.int().min(0).max(60_000),
});

/** How a checkpoint tells of it; null for none. Older servers do not know it. */
export const SteeringMemberSchema = z
  .object({
    path: boundedList(z.array(ChangeSchema.extend({ at_frame: frame })), mostSteps),
    wish: ChangeSchema.extend({ ready: z.boolean() }).nullable(),
  })
  .nullish()
  .transform(
    (member): Steering =>
      member
        ? {
            path: member.path.map((step) => ({ ...changeOf(step), atFrame: step.at_frame })),
            wish: member.wish && { ...changeOf(member.wish), ready: member.wish.ready },
          }
        : noSteering,
  );

const steeringWritten = written(({ path, wish, ...rest }: Steering) => {
  nothingLeft(rest);
  return {
    path: path.map(({ atFrame, ...change }) => ({ ...changeMember(change), at_frame: atFrame })),
    wish: wish && { ...changeMember(wish), ready: wish.ready },
  } satisfies z.input<typeof SteeringMemberSchema>;
});

export function steeringMember(steering: Steering): unknown {
  return steering === noSteering ? null : steeringWritten(steering);
}

function changeOf({ prompt, transition_ms }: z.output<typeof ChangeSchema>): PromptChange {
  return { prompt, transitionMs: transition_ms };
}

function changeMember({ prompt, transitionMs }: PromptChange): z.output<typeof ChangeSchema> {
  return { prompt, transition_ms: transitionMs };
}
