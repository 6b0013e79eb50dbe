/** One entry of `contents` in a `resources/read` result, without its URI. */
export type ResourceContent =
  | { readonly kind: "text"; readonly text: string; readonly mimeType: string | undefined }
  | { readonly kind: "blob"; readonly base64: string; readonly mimeType: string | undefined };
