/** What the commands say of paths that they cannot use; `DIR` stands for the folder of the test. */
export const cannotWrite = (what: string, path: string, why: string) =>
  `${what} cannot be written to DIR/${path}: ${why}; name a folder that this user can create and write.`;
export const cannotStore = (path: string, why: string) =>
  `The store file:DIR/${path} cannot be used: ${why}; name a folder that this user can create and write.`;
export const noWebApp = (path: string, why: string) =>
  `DIR/${path} ${why}; name the folder of a built web app, or remove server.static_dir.`;
export const noSystemPrompts = (why: string) =>
  `The system prompts (streaming.prompt.system_prompt_dir) cannot be read from DIR/${why}; name a folder.`;
export const sessionLogs = 'Session logs (streaming.session_log_dir)';

/** Where the path was to be written: any other is one to read, and so used wrongly. */
export const exitCodeFor = (args: readonly string[]) =>
  args.some((arg) => /^--(record|streaming\.store|streaming\.session_log_dir)$/.test(arg)) ? 1 : 2;
