/** Arguments that let Node run modules of `src/` as they are, before the program's own arguments. */
export const sourceArguments: readonly string[] = ['--import', import.meta.resolve('tsx')];
