/** What a first visitor can try with one click. */
export const examplePrompts = [
  'A lighthouse in a violet storm',
  'Golden dunes under a turquoise sky',
  'A red fox running through snow',
  'Neon rain in a sleeping city',
] as const;
