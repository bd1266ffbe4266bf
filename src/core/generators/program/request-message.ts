import type { ToWorker } from '../../protocol/worker/messages.ts';
import type { GenerationRequest } from '../generator.ts';
import type { SteeringStep } from '../steering.ts';

type RequestMessage = Extract<ToWorker, { type: 'run' }>['request'];
type SteeringMessage = NonNullable<RequestMessage['steering']>[number];

export function toRequestMessage(request: GenerationRequest): RequestMessage {
  return {
    prompt: request.prompt,
    negative_prompt: request.negativePrompt,
    seed: request.seed,
    width: request.width,
    height: request.height,
    fps: request.fps,
    num_frames: request.numFrames,
    num_inference_steps: request.numInferenceSteps,
    guidance_scale: request.guidanceScale,
    init_image_path: request.initImagePath,
    last_image_path: request.lastImagePath,
    reference_image_paths: request.referenceImagePaths && [...request.referenceImagePaths],
    steering: request.steering?.map(toSteeringMessage),
    continuation_state: request.continuationState,
  };
}

export function fromRequestMessage(message: RequestMessage): GenerationRequest {
  return {
    prompt: message.prompt,
    seed: message.seed,
    width: message.width,
    height: message.height,
    fps: message.fps,
    numFrames: message.num_frames,
    numInferenceSteps: message.num_inference_steps,
    guidanceScale: message.guidance_scale,
    ...(message.negative_prompt === undefined ? {} : { negativePrompt: message.negative_prompt }),
    ...(message.init_image_path === undefined ? {} : { initImagePath: message.init_image_path }),
    ...(message.last_image_path === undefined ? {} : { lastImagePath: message.last_image_path }),
    ...(message.reference_image_paths === undefined
      ? {}
      : { referenceImagePaths: message.reference_image_paths }),
    ...(message.steering === undefined ? {} : { steering: message.steering.map(fromSteeringMessage) }),
    ...(message.continuation_state === undefined ? {} : { continuationState: message.continuation_state }),
  };
}

export function toSteeringMessage({ atFrame, prompt, transitionMs }: SteeringStep): SteeringMessage {
  return { at_frame: atFrame, prompt, transition_ms: transitionMs };
}

export function fromSteeringMessage(message: SteeringMessage): SteeringStep {
  return { atFrame: message.at_frame, prompt: message.prompt, transitionMs: message.transition_ms };
}
