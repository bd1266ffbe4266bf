import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientFrames } from '../../../scripts/client-frames.ts';
import type { ClientFrame, ServerFrame } from '../../../src/client/frames.ts';
import { parseServerFrame } from '../../../src/client/parse-frame.ts';
import type { ClientFrameInput } from '../../../src/core/protocol/native/client-frames.ts';
import {
  ServerFrameSchema,
  type ServerFrame as WireFrame,
} from '../../../src/core/protocol/native/server-frames.ts';
import { valuesOf } from '../../support/from-schema.ts';

const unspaced = (text: string) => text.replaceAll(/[\s|;,()]/g, '');

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;
/** The opening takes further fields of any name on the wire, which a type for people should not. */
type Sent<Frame> = Exclude<Frame, { type: 'session_init_v2' }>;

describe('the frames of the client library', () => {
  it('are what scripts/write-client-frames.ts makes of the schemas', async () => {
    const written = await readFile(new URL('../../../src/client/frames.ts', import.meta.url), 'utf8');
    // The file is formatted.
    expect(unspaced(written)).toBe(unspaced(clientFrames()));
  });

  it('have the types of what servers check and send: this compiles', () => {
    const toServer = (frame: Sent<ClientFrame>): DeepReadonly<Sent<ClientFrameInput>> => frame;
    const fromServer = (frame: Exclude<WireFrame, { type: 'session_checkpoint' }>): ServerFrame => frame;
    const cancel = { type: 'segment_cancelled', segment_idx: 0 } as const;
    expect([toServer({ type: 'leave' }), fromServer(cancel)]).toEqual([{ type: 'leave' }, cancel]);
  });

  it('are read whatever the server sends', () => {
    fc.assert(
      fc.property(valuesOf(ServerFrameSchema), (value) => {
        const frame = value as WireFrame;
        fc.pre(frame.type !== 'session_checkpoint');
        expect(parseServerFrame(JSON.stringify(frame))).toEqual({
          ok: true,
          frame: JSON.parse(JSON.stringify(frame)) as unknown,
        });
      }),
    );
  });

  it.each([
    ['[]', '"type" is missing or not a string'],
    ['null', 'not a JSON object'],
    ['{', 'not JSON'],
    ['{"type":"toString"}', 'unknown type "toString"'],
    ['{"type":"segment_cancelled"}', 'segment_cancelled: "segment_idx" is missing or not of the type number'],
  ])('are refused where they are none: %s', (text, problem) => {
    expect(parseServerFrame(text)).toEqual({ ok: false, problem });
  });
});
