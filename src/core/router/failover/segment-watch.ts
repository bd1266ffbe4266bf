import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import { mediaEnd } from '../../media/mp4/media-end.ts';
import { type AlreadySent, nothingSent } from '../../protocol/checkpoint.ts';
import { type Message, payloadOf } from '../wire/message.ts';

const SegmentFrameSchema = z.looseObject({
  segment_idx: z.int(),
  step: z.int().optional(),
  start_frame: z.int().optional(),
  frames: z.array(z.string()).optional(),
});

/** Frames that tell how far a segment is; the others are not looked into. */
const telling = [
  'segment_prompt_source',
  'ltx2_segment_start',
  'step_complete',
  'media_init',
  'frame_batch',
  'media_segment_complete',
];
const ends = ['ltx2_segment_complete', 'segment_cancelled', 'ltx2_stream_complete'];

/** Keeps account of the segment that a client is being sent. */
export class SegmentWatch {
  #sent: AlreadySent | undefined;
  #initIsNext = false;

  /** Undefined while no segment is being sent. */
  get sent(): Readonly<AlreadySent> | undefined {
    return this.#sent;
  }

  /** A text frame went to the client. */
  passedText(type: string | undefined, { data }: Message): void {
    if (type === undefined) return;
    if (ends.includes(type)) this.ended();
    if (!telling.includes(type)) return;
    const parsed = SegmentFrameSchema.safeParse(parseJson(data));
    if (parsed.success) this.#tell(type, parsed.data);
  }

  /** A binary message went to the client. Gives whether it is media. */
  passedBinary(message: Message): boolean {
    if (this.#initIsNext) {
      this.#initIsNext = false;
      return false;
    }
    if (!this.#sent) return true;
    this.#sent.chunks += 1;
    const media = payloadOf(message);
    this.#sent.bytes += media.length;
    const end = mediaEnd(media);
    this.#sent.frames += end?.frames ?? 0;
    this.#sent.audio_end = end?.audioEnd ?? this.#sent.audio_end;
    return true;
  }

  /** No segment is being made any more. */
  ended(): void {
    this.#sent = undefined;
  }

  /** Another connection brings the rest. */
  continued(): void {
    this.#initIsNext = false;
  }

  #tell(type: string, frame: z.output<typeof SegmentFrameSchema>): void {
    if (this.#sent?.segment_idx !== frame.segment_idx) this.#sent = nothingSent(frame.segment_idx);
    const sent = this.#sent;
    if (type === 'ltx2_segment_start') sent.started = true;
    else if (type === 'step_complete') sent.steps = frame.step ?? sent.steps;
    else if (type === 'media_init') {
      sent.init = true;
      this.#initIsNext = true;
    } else if (type === 'frame_batch') {
      sent.chunks += 1;
      sent.frames = (frame.start_frame ?? sent.frames) + (frame.frames?.length ?? 0);
    } else if (type === 'media_segment_complete') sent.media_complete = true;
  }
}
