import { z } from 'zod';
import { flag, text } from './quantities.ts';

export const SafetySchema = z
  .strictObject({
    enabled: flag(false, 'Whether prompts are checked before they are used.'),
    classifier_path: text('Model file of the classifier; needed when enabled.'),
  })
  .refine((safety) => !safety.enabled || safety.classifier_path !== undefined, {
    path: ['classifier_path'],
    message: 'must name the model file of the classifier while streaming.safety.enabled is true',
  })
  .meta({ description: 'The prompt safety filter.' });
