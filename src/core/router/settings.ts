import type { RouterConfig } from '../base/config/router-schema/router-config.ts';

/** The operator's keys, in the file's units. */
export type RouterSettings = RouterConfig['router'];

/** The settings that hold now: asked for anew at each use, because a reload changes them. */
export type CurrentSettings = () => RouterSettings;
