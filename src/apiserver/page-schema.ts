import * as z from "zod";

/** Query of every list that comes in pages. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("Most items of the page."),
  cursor: z.string().min(1).max(2_000).optional().describe("`nextCursor` of the page before."),
});

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z.string().optional().describe("Absent when this page is the last."),
  });
}
