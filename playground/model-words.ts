/** What the page says about a model, and the prompts that it suggests for it. */
export interface ModelWords {
  /** Of the empty screen. */
  readonly title: string;
  /** What the model makes of a prompt; empty where nobody has to be told. */
  readonly makes: string;
  readonly examples: readonly [string, ...string[]];
}

/** Colours and moods: more the embedded network does not take from words. */
const embedded: ModelWords = {
  title: 'Name colours or a mood. They become moving pictures and sound.',
  makes:
    'The built-in network draws abstract pictures in colours chosen by the words. It does not depict the prompt.',
  examples: [
    'Violet and gold',
    'Turquoise over black',
    'Embers: red, amber and smoke',
    'Neon night, pink and cyan',
  ],
};

const testPattern: ModelWords = {
  title: 'Type any words. They become a test pattern with a tone.',
  makes: 'This server is a mock: it draws a test pattern for developers. It does not depict the prompt.',
  examples: ['First prompt', 'Second prompt', 'A longer prompt, to see where it breaks into lines'],
};

/** Any model that was made for pictures of what is described. */
const real: ModelWords = {
  title: 'Describe a scene. It becomes live video.',
  makes: '',
  examples: [
    'Lighthouse in a violet storm',
    'Dunes under a turquoise sky',
    'Red fox in deep snow',
    'Neon rain at night',
  ],
};

/** `modelId`: empty while it is not known. */
export function modelWords(modelId: string): ModelWords {
  if (modelId.startsWith('builtin:')) return embedded;
  return modelId.startsWith('mock') ? testPattern : real;
}
