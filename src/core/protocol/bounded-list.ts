import * as z from 'zod';

/** Hard limit of a list in a frame; the operator's config sets tighter ones. */
const longest = 10_000;

/**
 * A list whose length is looked at before its items are: millions of wrong ones would each be a problem to be kept, and
 * `max` of an array is not looked at before that.
 */
export function boundedList<Item extends z.ZodType>(list: z.ZodArray<Item>, most = longest) {
  return z.preprocess((items: z.input<Item>[], context) => {
    if (!Array.isArray(items) || items.length <= most) return items;
    context.addIssue(`a list of ${items.length}, the limit is ${most}`);
    return z.NEVER;
  }, list);
}
