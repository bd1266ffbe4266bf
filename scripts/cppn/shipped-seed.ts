/** The seed of the shipped network. */
export const shippedSeed = 1;
