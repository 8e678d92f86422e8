import { byteText } from "../file-content/edit-schema.ts";
import type { AuthorizedKeyParams } from "./schema.ts";

/** A line of authorized_keys(5) that holds a key. */
interface Key {
  readonly type: string;
  readonly blob: string;
  readonly options: Options;
  readonly comment: string;
}

/** A line of the file: a key, or anything else, which stays as it is. Lines are written by rank. */
type Line = { readonly rank: number } & (
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "other"; readonly text: string }
);

/** Options in their order, each name and its value; null for one that has none. */
type Options = readonly (readonly [string, string | null])[];

const TYPES = new Set([
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp384-cert-v01@openssh.com",
  "ecdsa-sha2-nistp521",
  "ecdsa-sha2-nistp521-cert-v01@openssh.com",
  "rsa-sha2-256",
  "rsa-sha2-256-cert-v01@openssh.com",
  "rsa-sha2-512",
  "rsa-sha2-512-cert-v01@openssh.com",
  "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "sk-ssh-ed25519-cert-v01@openssh.com",
  "sk-ssh-ed25519@openssh.com",
  "ssh-dss",
  "ssh-dss-cert-v01@openssh.com",
  "ssh-ed25519",
  "ssh-ed25519-cert-v01@openssh.com",
  "ssh-rsa",
  "ssh-rsa-cert-v01@openssh.com",
  "ssh-xmss-cert-v01@openssh.com",
  "ssh-xmss@openssh.com",
  "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
]);

const linesOf = (key: string): readonly string[] => key.split(/\r\n|[\n\r]/);

/** Empty lines and comments hold no key. */
const isMeant = (line: string): boolean => line !== "" && !line.startsWith("#");

/** What is wrong with `key`; the lines are not shown, as a private key may have been given by mistake. */
export const keyFaults = ({ key }: AuthorizedKeyParams): readonly string[] =>
  linesOf(key).flatMap((line, index) =>
    isMeant(line) && parseKey(line) === null
      ? [`line ${index + 1} of key is no public key: expected a type such as ssh-ed25519, then the key`]
      : [],
  );

/**
 * The content with the keys in it, or out of it; null where it is so already. Works on strings of one character per
 * byte, so that comments of any encoding survive. As in Ansible a key that is written anew goes to the end, and with
 * any change all lines are written in one form.
 */
export const withKeys = (params: AuthorizedKeyParams, before: Buffer): Buffer | null => {
  const lines = parseFile(before.toString("latin1"));
  const count = lines.size;
  const wanted = linesOf(params.key)
    .filter(isMeant)
    .map((line) => wantedKey(params, line));
  let changed = false;
  for (const [index, key] of wanted.entries()) {
    const present = lines.get(key.blob);
    if (params.state === "absent") {
      changed ||= lines.delete(key.blob);
      continue;
    }
    if (present?.kind === "key" && isSame(present.key, key)) continue;
    lines.delete(key.blob);
    lines.set(key.blob, { kind: "key", key, rank: count + index });
    changed = true;
  }
  if (params.state === "present" && params.exclusive) {
    const kept = new Set(wanted.map(({ blob }) => blob));
    for (const id of [...lines.keys()].filter((one) => !kept.has(one))) changed = lines.delete(id);
  }
  if (!changed) return null;
  const sorted = [...lines.values()].toSorted((a, b) => a.rank - b.rank);
  return Buffer.from(sorted.map(lineText).join(""), "latin1");
};

const wantedKey = ({ key_options, comment }: AuthorizedKeyParams, line: string): Key => {
  const key = parseKey(byteText(line));
  if (key === null) throw new Error("the rules let a line through that is no key");
  return {
    ...key,
    ...(key_options === null ? {} : { options: parseOptions(byteText(key_options)) }),
    ...(comment === null ? {} : { comment: byteText(comment) }),
  };
};

/** Lines by their key; of two with the same key, or of two empty ones, the last counts. */
const parseFile = (text: string): Map<string, Line> => {
  const lines = new Map<string, Line>();
  for (const [rank, line] of (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const key = parseKey(line);
    lines.set(
      key === null ? line : key.blob,
      key === null ? { kind: "other", text: line, rank } : { kind: "key", key, rank },
    );
  }
  return lines;
};

const parseKey = (line: string): Key | null => {
  const words = line
    .replaceAll("\\#", "#")
    .split(/[ \t\r\n]+/)
    .filter((word) => word !== "");
  const at = words[0] === "#" ? -1 : words.findIndex((word) => TYPES.has(word));
  const type = words[at];
  const blob = words[at + 1];
  if (at === -1 || type === undefined || blob === undefined) return null;
  return {
    type,
    blob,
    options: parseOptions(words.slice(0, at).join(" ")),
    comment: words.slice(at + 2).join(" "),
  };
};

/** Commas part options, except within quotes. */
const parseOptions = (text: string): Options =>
  text
    .split(/((?:[^,"']|"[^"]*"|'[^']*')+)/)
    .slice(1, -1)
    .filter((part) => part !== ",")
    .map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? [part, null] : [part.slice(0, at), part.slice(at + 1)];
    });

const isSame = (one: Key, other: Key): boolean =>
  one.type === other.type &&
  one.comment === other.comment &&
  JSON.stringify(byName(one.options)) === JSON.stringify(byName(other.options));

const byName = (options: Options): Options => options.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

const lineText = (line: Line): string => {
  if (line.kind === "other") return line.text;
  const { type, blob, options, comment } = line.key;
  const before = options.map(([name, value]) => (value === null ? name : `${name}=${value}`)).join(",");
  return `${before === "" ? "" : `${before} `}${type} ${blob} ${comment}\n`;
};
