import { quote } from "./shell.ts";

/** What stands for a secret wherever it would be seen. */
export const REDACTED = "[redacted]";

/** A text that never prints: only `reveal()` gives it, and only performers and transports call that. */
export interface Secret {
  readonly kind: "secret";
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Wraps a secret text. */
export const secret = (text: string): Secret => ({
  kind: "secret",
  reveal: () => text,
  toString: () => REDACTED,
  toJSON: () => REDACTED,
});

/** The secret texts of one run, and the way to take them out of anything that will be shown. */
export interface Redactor {
  /** Remembers a text (and each of its longer lines) as secret. */
  readonly add: (text: string) => void;
  /** The text with every known secret replaced. */
  readonly redact: (text: string) => string;
}

/** Secrets shorter than this are not searched for: masking every "a" would hide the output, not the secret. */
const SHORTEST_MASKED = 4;

/** A secret as it turns up in JSON, in a shell's words, in a URL and in base64 (whose last characters depend on what follows). */
const formsOf = (text: string): readonly string[] => {
  const encoded = Buffer.from(text, "utf8").toString("base64");
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    quote(text),
    encodeURIComponent(Buffer.from(text, "utf8").toString()),
    encoded.replace(/=+$/, ""),
  ];
};

/** An empty redactor. */
export const createRedactor = (): Redactor => {
  const known = new Set<string>();
  let ordered: readonly string[] = [];
  const add = (text: string): void => {
    for (const part of [text, text.trim(), ...text.split("\n").map((line) => line.trim())]) {
      if (part.length < SHORTEST_MASKED || /^-----(BEGIN|END) [A-Z ]+-----$/.test(part)) continue;
      for (const form of formsOf(part)) known.add(form);
    }
    ordered = [...known].sort((a, b) => b.length - a.length);
  };
  const redact = (text: string): string =>
    ordered.reduce((shown, part) => (shown.includes(part) ? shown.replaceAll(part, REDACTED) : shown), text);
  return { add, redact };
};
