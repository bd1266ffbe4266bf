/** Pictures that a model may use beside the prompt. */
export const pictureInputs = ['first_frame', 'last_frame', 'references'] as const;
export type PictureInput = (typeof pictureInputs)[number];
