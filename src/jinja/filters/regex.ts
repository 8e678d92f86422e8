import { type Obj, PyError } from "../objects.ts";
import { needText } from "../python/method-arguments.ts";
import { truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { compileRegex, findAll, search, substitute } from "../python/regex.ts";
import { escapePattern } from "../python/text.ts";
import { type Definition, define } from "./define.ts";

const flags = (ignoreCase: Obj | undefined, multiline: Obj | undefined) => ({
  ignoreCase: truth(ignoreCase ?? false),
  multiline: truth(multiline ?? false),
});

const regexSearch: Definition = [
  "regex_search",
  (value, { args, keywords }) => {
    const [pattern, ...wanted] = args;
    const source = needText(pattern ?? keywords.get("regex"), "regex");
    const regex = compileRegex(source, flags(keywords.get("ignorecase"), keywords.get("multiline")));
    const match = search(regex, str(value));
    if (match === null) return null;
    if (wanted.length === 0) return match[0];
    return wanted.map((reference) => referenced(match, str(reference)));
  },
];

const referenced = (match: RegExpExecArray, reference: string): Obj => {
  const found = /^\\(?:g<(\S+)>|(\d+))/.exec(reference);
  if (found === null) throw new PyError("FilterError", "Unknown argument");
  const [, name, index] = found;
  const isIndex = index !== undefined || /^\d+$/.test(name ?? "");
  if (isIndex) {
    const position = Number(index ?? name);
    if (position >= match.length) throw new PyError("IndexError", "no such group");
    return match[position] ?? null;
  }
  if (name === undefined || match.groups === undefined || !(name in match.groups)) {
    throw new PyError("IndexError", "no such group");
  }
  return match.groups[name] ?? null;
};

/** Ansible's filters with regular expressions, which are Python's. */
export const regexFilters: readonly Definition[] = [
  define(
    "regex_replace",
    ["pattern", "replacement", "ignorecase", "multiline"],
    (value, [pattern, to, ignore, multi]) => {
      const regex = compileRegex(
        pattern === undefined ? "" : needText(pattern, "pattern"),
        flags(ignore, multi),
      );
      return substitute(regex, to === undefined ? "" : needText(to, "replacement"), str(value));
    },
  ),
  define("regex_findall", ["regex!", "multiline", "ignorecase"], (value, [pattern, multi, ignore]) =>
    findAll(compileRegex(needText(pattern, "regex"), flags(ignore, multi)), str(value)),
  ),
  regexSearch,
  define("regex_escape", ["re_type"], (value, [type]) => {
    const kind = type === undefined ? "python" : str(type);
    if (kind === "python") return escapePattern(str(value));
    if (kind === "posix_basic") return str(value).replace(/[\][.^$*\\]/g, "\\$&");
    throw new PyError("FilterError", `Invalid regex type (${kind})`);
  }),
];
