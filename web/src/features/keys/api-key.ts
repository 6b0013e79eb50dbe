import type { AnswerBody } from "../../api/operation-types.ts";

/** What is known of a key once it is made. */
export type ApiKey = AnswerBody<"listKeys">["items"][number];
