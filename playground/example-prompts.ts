/** What a first visitor can try with one click. */
export const examplePrompts = [
  'Lighthouse in a violet storm',
  'Dunes under a turquoise sky',
  'Red fox in deep snow',
  'Neon rain at night',
] as const;
