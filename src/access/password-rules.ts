export const passwordLength = { minimum: 12, maximum: 256 } as const;

/** Words that passwords are made of when people want to be done with it; compared without digits and signs. */
const commonWords = [
  "password|passwort|motdepasse|contrasena|passw|pass|qwerty|qwertz|azerty|qwertyuiop|qwertzuiop|azertyuiop",
  "asdfghjkl|asdfgh|asdf|zxcvbnm|yxcvbnm|qazwsx|qazwsxedc|letmein|iloveyou|welcome|willkommen|bienvenue|sunshine",
  "princess|monkey|dragon|football|baseball|superman|batman|master|shadow|michael|jennifer|trustno|starwars|whatever",
  "freedom|secret|changeme|change|me|default|admin|administrator|root|test|testing|user|guest|login|demo|sample",
  "passerelle|gateway|company|hello|world|helloworld|abc|abcd|abcdef|summer|winter|spring|autumn|january|march",
  "the|my|is|this|new|one|two|love|god|please|enter|access|super|system|server|database|computer|internet|office",
]
  .join("|")
  .split("|")
  .toSorted((one, other) => other.length - one.length);

const minDistinct = 5;

/**
 * Why a password cannot be taken, as a sentence; undefined when it can. Long is what counts (NIST SP 800-63B): no
 * demands on letters and signs, but none that everybody tries first.
 *
 * @param about what guessers know of the person: e-mail address, name
 */
export function passwordProblem(password: string, about: readonly string[]): string | undefined {
  const characters = [...password];
  if (characters.length < passwordLength.minimum)
    return `must have at least ${passwordLength.minimum} characters; some words of a sentence are good`;
  if (characters.length > passwordLength.maximum) return `must have at most ${passwordLength.maximum} characters`;
  const plain = password.toLowerCase();
  if (new Set(plain).size < minDistinct) return "is too simple: it repeats a few characters";
  if (isSequence(plain)) return "is too simple: it is a sequence that everybody tries first";
  if (isMadeOf(plain, personal(about))) return "is too simple: it is made of your name or address";
  if (isMadeOf(plain, commonWords)) return "is too simple: it is made of words that everybody tries first";
  return undefined;
}

const rows = [
  "01234567890123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "1q2w3e4r5t6y7u8i9o0p",
];

/** Runs of a row, forwards or backwards, one after the other. */
function isSequence(plain: string): boolean {
  const runs = rows.flatMap((row) => [row, [...row].toReversed().join("")]);
  let at = 0;
  while (at < plain.length) {
    let length = 0;
    for (const run of runs) {
      let candidate = Math.min(run.length, plain.length - at);
      while (candidate > length && !run.includes(plain.slice(at, at + candidate))) candidate -= 1;
      length = Math.max(length, candidate);
    }
    if (length < 3) return false;
    at += length;
  }
  return true;
}

const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
};

/** Whether nothing else is left than words of the list, digits and signs. */
function isMadeOf(plain: string, words: readonly string[]): boolean {
  const readings = [plain, [...plain].map((character) => lookalikes[character] ?? character).join("")];
  return readings.some((reading) => {
    let rest = reading;
    for (const word of words) rest = rest.replaceAll(word, " ");
    return rest !== reading && !/\p{L}{2}/u.test(rest);
  });
}

/** Parts of an address or name that are long enough to be meant. */
function personal(about: readonly string[]): readonly string[] {
  return about
    .flatMap((text) => [text, ...text.split(/[^\p{L}]+/u)])
    .map((text) => text.toLowerCase())
    .filter((text) => text.length >= 3)
    .toSorted((one, other) => other.length - one.length);
}
