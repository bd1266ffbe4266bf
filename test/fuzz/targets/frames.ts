import fc from 'fast-check';
import { exceedsJsonBounds } from '../../../src/core/base/json-bounds.ts';
import { ClientFrameSchema } from '../../../src/core/protocol/native/client-frames.ts';
import { parseClientFrame, parseServerFrame } from '../../../src/core/protocol/native/parse.ts';
import { ServerFrameSchema } from '../../../src/core/protocol/native/server-frames.ts';
import { ProjectClientFrameSchema } from '../../../src/core/protocol/project/client-frames.ts';
import { parseProjectClientFrame } from '../../../src/core/protocol/project/parse.ts';
import { ProjectCheckpointSchema } from '../../../src/core/sessions/project/project-checkpoint.ts';
import { SessionCheckpointSchema } from '../../../src/core/sessions/session-checkpoint.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutatedJson } from '../arbitraries/mutated.ts';
import { pureTarget } from '../pure.ts';
import { Finding } from '../target.ts';

const schemas = [
  ClientFrameSchema,
  ProjectClientFrameSchema,
  ServerFrameSchema,
  SessionCheckpointSchema,
  ProjectCheckpointSchema,
];
const mostProblemChars = 4000;

export const frames = pureTarget<string>({
  name: 'frames',
  about: 'frames and checkpoints of both dialects, at what reads them',
  inputs: () => fc.oneof(...schemas.map((schema) => mutatedJson(fromSchema(schema)))),
  read: (text) => {
    for (const parse of [parseClientFrame, parseProjectClientFrame, parseServerFrame]) {
      const parsed = parse(text);
      if (!parsed.ok && (parsed.problem.includes('\n') || parsed.problem.length > mostProblemChars)) {
        throw new Finding(`The problem is no short line: ${parsed.problem.slice(0, 300)}`);
      }
    }
    const value = jsonOf(text);
    for (const schema of [SessionCheckpointSchema, ProjectCheckpointSchema]) schema.safeParse(value);
  },
});

/** As far as the product reads it. */
function jsonOf(text: string): unknown {
  if (exceedsJsonBounds(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
