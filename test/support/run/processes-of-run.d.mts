export const runVariable: string;
export function processesOf(run: string): { readonly pid: number; readonly command: string }[];
export function endProcessesOf(run: string): void;
