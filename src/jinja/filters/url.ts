import { type Obj, PyError, textOf, Undefined } from "../objects.ts";
import { needText } from "../python/method-arguments.ts";
import { str } from "../python/print.ts";
import { type Definition, define } from "./define.ts";

const ALWAYS_SAFE = /[A-Za-z0-9_.~-]/;

/** Percent-encodes the UTF-8 of a text, but for letters, digits, `_.-~` and the characters of `safe`. */
export const quoteUrl = (text: string, safe: string): string => {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(byte);
    const kept = byte < 0x80 && (ALWAYS_SAFE.test(character) || safe.includes(character));
    out += kept ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
};

/** Percent-decodes, `+` as a space. */
const unquotePlus = (text: string): string => {
  const spaced = text.replaceAll("+", " ");
  return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
};

/** A URL in its parts, as Python's urlsplit finds them. */
export interface SplitUrl {
  readonly scheme: string;
  readonly netloc: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Splits a URL; never fails, for any text is some relative URL. */
export const splitUrl = (url: string): SplitUrl => {
  let rest = url.replace(/^[\0-\x20]+/, "").replace(/[\t\r\n]/g, "");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(rest)?.[1] ?? "";
  if (scheme !== "") rest = rest.slice(scheme.length + 1);
  let netloc = "";
  if (rest.startsWith("//")) {
    const end = /[/?#]/.exec(rest.slice(2));
    const length = end === null ? rest.length - 2 : end.index;
    netloc = rest.slice(2, 2 + length);
    rest = rest.slice(2 + length);
    if (netloc.includes("[") !== netloc.includes("]")) throw new PyError("ValueError", "Invalid IPv6 URL");
  }
  const hash = rest.indexOf("#");
  const fragment = hash === -1 ? "" : rest.slice(hash + 1);
  if (hash !== -1) rest = rest.slice(0, hash);
  const mark = rest.indexOf("?");
  const query = mark === -1 ? "" : rest.slice(mark + 1);
  return {
    scheme: scheme.toLowerCase(),
    netloc,
    path: mark === -1 ? rest : rest.slice(0, mark),
    query,
    fragment,
  };
};

const components = (url: string): ReadonlyMap<string, Obj> => {
  const { scheme, netloc, path, query, fragment } = splitUrl(url);
  const at = netloc.lastIndexOf("@");
  const [username, password] = at === -1 ? [null, null] : userOf(netloc.slice(0, at));
  const host = netloc.slice(at + 1);
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(host);
  const colon = bracketed === null ? host.indexOf(":") : -1;
  const name = bracketed?.[1] ?? (colon === -1 ? host : host.slice(0, colon));
  const port = bracketed?.[2] ?? (colon === -1 ? "" : host.slice(colon + 1));
  if (port !== "" && (!/^\d+$/.test(port) || Number(port) > 65_535)) {
    throw new PyError("ValueError", `Port could not be cast to integer value as '${port}'`);
  }
  return new Map<string, Obj>([
    ["fragment", fragment],
    ["hostname", name === "" ? null : name.toLowerCase()],
    ["netloc", netloc],
    ["password", password],
    ["path", path],
    ["port", port === "" ? null : Number(port)],
    ["query", query],
    ["scheme", scheme],
    ["username", username],
  ]);
};

const userOf = (info: string): readonly [string, string | null] => {
  const colon = info.indexOf(":");
  return colon === -1 ? [info, null] : [info.slice(0, colon), info.slice(colon + 1)];
};

/** Ansible's filters on URLs. */
export const urlFilters: readonly Definition[] = [
  define("urldecode", [], (value) => unquotePlus(str(value))),
  define("urlsplit", ["query"], (value, [query]) => {
    const parts = components(needText(value instanceof Undefined ? str(value) : value, "urlsplit"));
    const wanted = query === undefined ? "" : (textOf(query) ?? "");
    if (wanted === "") return new Map<Obj, Obj>(parts);
    const part = parts.get(wanted);
    if (part === undefined) throw new PyError("FilterError", `urlsplit: unknown URL component: ${wanted}`);
    return part;
  }),
];
