import { pythonRegExp, pythonReplacement } from "../../core/python-regexp.ts";
import { defineState } from "../../core/task.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { editFacts, editPlan, editValues } from "../file-content/edit-file.ts";
import { byteText, regexpRules } from "../file-content/edit-schema.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type ReplaceParams, schema } from "./schema.ts";

/** Replaces all that matches a regular expression in a file. */
export const replace = defineState<ReplaceParams, LandingFacts, PlannedChange>({
  kind: "state",
  name: "replace",
  aliases: ["ansible.builtin.replace", "ansible.legacy.replace"],
  summary: "Replaces all that matches a regular expression in a file.",
  schema,
  example: `- ansible.builtin.replace:
    path: /etc/rsyslog.conf
    regexp: ^#(module\\(load="imudp"\\))
    replace: \\1
`,
  rules: (params) => [
    ...attributeRules(params),
    ...validateRules(params.validate),
    ...regexpRules({ regexp: params.regexp, after: params.after, before: params.before }),
    ...(/^utf-?8$/i.test(params.encoding) ? [] : ["encoding can only be utf-8"]),
  ],
  inspect: editFacts,
  diff: (params, facts) =>
    editPlan({ params, change: (before) => replaced(params, before), missing: "blocked" }, facts),
  view: viewOf,
  apply: actionsOf,
  result: (_, facts) => editValues(facts),
});

/** A file that is no UTF-8 is worked on byte by byte. */
const replaced = (params: ReplaceParams, before: Buffer): Buffer => {
  const text = before.toString("utf8");
  return Buffer.from(text).equals(before)
    ? Buffer.from(replaceIn(params, text, { own: (part) => part, flags: "" }))
    : Buffer.from(replaceIn(params, before.toString("latin1"), { own: byteText, flags: "a" }), "latin1");
};

interface Alphabet {
  /** Turns a parameter into the alphabet of the text. */
  readonly own: (part: string) => string;
  readonly flags: string;
}

const replaceIn = (params: ReplaceParams, text: string, { own, flags }: Alphabet): string => {
  const section = sectionOf(params, text, { own, flags });
  if (section === null) return text;
  const [from, to] = section;
  const expression = pythonRegExp(own(params.regexp), `m${flags}`);
  const written = pythonReplacement(own(params.replace));
  const inner = text.slice(from, to);
  let result = "";
  let next = 0;
  for (const match of inner.matchAll(new RegExp(expression.source, `${expression.flags}g`))) {
    result += inner.slice(next, match.index) + written(match);
    next = match.index + match[0].length;
  }
  return text.slice(0, from) + result + inner.slice(next) + text.slice(to);
};

/** The part between after and before; null where they do not match, and the file then stays as it is. */
const sectionOf = (
  { after, before }: ReplaceParams,
  text: string,
  { own, flags }: Alphabet,
): readonly [number, number] | null => {
  if (after === null && before === null) return [0, text.length];
  const middle = after !== null && before !== null ? "(?P<subsection>.*?)" : "(?P<subsection>.*)";
  const expression = pythonRegExp(`${own(after ?? "")}${middle}${own(before ?? "")}`, `s${flags}`);
  const match = new RegExp(expression.source, `${expression.flags}d`).exec(text);
  return match?.indices?.groups?.subsection ?? null;
};
