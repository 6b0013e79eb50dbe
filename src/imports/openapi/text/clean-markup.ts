/**
 * The words of a text in Markdown or HTML, for a model: no tags, images, comments or emphasis; links keep their words;
 * lists and code stay as they are. Bounded and linear in the length.
 */
export function cleanMarkup(markup: string): string {
  return decodeEntities(withoutTags(markup.slice(0, maxMarkupLength)))
    .replaceAll(/!\[[^\]\n]{0,500}\]\([^()\n]{0,2000}\)/g, "")
    .replaceAll(/\[([^[\]\n]{1,500})\]\([^()\n]{0,2000}\)/g, "$1")
    .replaceAll(/^[ \t]{0,3}#{1,6}[ \t]+/gm, "")
    .replaceAll(/\*\*|__(?=\S)|(?<=\S)__/g, "")
    .replaceAll(unwanted, "")
    .replaceAll(/[ \t\u00a0]+$/gm, "")
    .replaceAll(/(\S)[ \t\u00a0]{2,}/g, "$1 ")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Descriptions that are longer are cut in any case. */
const maxMarkupLength = 65_536;

/** Controls, and what turns the direction of writing or is not seen: a text must not read other than it looks. */
const unwanted = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

function withoutTags(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/<!--[\s\S]{0,4000}?-->/g, "")
    .replaceAll(/<(?:br|\/p|\/li|\/div|\/tr|\/h[1-6])\b[^<>]{0,200}>/gi, "\n")
    .replaceAll(/<li\b[^<>]{0,200}>/gi, "- ")
    .replaceAll(/<\/?(?:[a-z][a-z0-9]{0,15})(?:\s[^<>]{0,1000})?\/?>/gi, "");
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(
    /&(amp|lt|gt|quot|apos|nbsp|#39|#x27);/g,
    (entity, name: string) => entities.get(name) ?? entity,
  );
}

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["#39", "'"],
  ["#x27", "'"],
  ["nbsp", " "],
]);
