import { LbplayError } from "../core/error.ts";
import { pythonRegExp } from "../core/python-regexp.ts";
import type { Dict, Value } from "../core/value.ts";
import type { LookupContext } from "./lookups.ts";

const fail = ({ from }: LookupContext, message: string): LbplayError =>
  new LbplayError({ code: "E_LOOKUP", message, at: from.at });

const textIn = (name: string, context: LookupContext): string =>
  context.files.read(context.files.find("files", name, context.from)).toString("utf8");

const optionOf = (options: Dict, name: string, otherwise: string): string => {
  const value = options.get(name);
  return value === undefined || value === null ? otherwise : String(value);
};

/** `csvfile`: of the row whose first field is the term the field `col`, in a file of the controller. */
export const csvfile = (terms: readonly Value[], options: Dict, context: LookupContext): readonly Value[] => {
  const delimiter = optionOf(options, "delimiter", "TAB");
  const rows = rowsOf(
    textIn(optionOf(options, "file", "ansible.csv"), context),
    delimiter === "TAB" ? "\t" : delimiter,
  );
  const column = Number(optionOf(options, "col", "1"));
  return terms.flatMap((term): readonly Value[] => {
    const row = rows.find(([key]) => key === String(term));
    const value = row === undefined ? (options.get("default") ?? null) : row.at(column);
    if (value === undefined)
      throw fail(context, `csvfile: the row of ${String(term)} has no field ${column}`);
    return value === null ? [] : [value];
  });
};

/** Rows of fields; a field in double quotes may hold delimiters and line ends, and `""` for a quote. */
const rowsOf = (text: string, delimiter: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted && char === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (char === '"' && (quoted || field === "")) quoted = !quoted;
    else if (!quoted && (char === delimiter || char === "\n")) {
      row.push(char === "\n" ? field.replace(/\r$/, "") : field);
      field = "";
      if (char === "\n") {
        rows.push(row);
        row = [];
      }
    } else field += char;
  }
  return field === "" && row.length === 0 ? rows : [...rows, [...row, field]];
};

/** `ini`: the value of a key in a section of an INI file of the controller, or in a file of properties. */
export const ini = (terms: readonly Value[], options: Dict, context: LookupContext): readonly Value[] => {
  const name = optionOf(options, "file", "ansible.ini");
  const properties = optionOf(options, "type", "ini") === "properties";
  const section = properties ? "" : optionOf(options, "section", "global");
  const exact = options.get("case_sensitive") === true;
  const sections = sectionsOf(textIn(name, context), exact);
  const found = sections.get(section);
  if (found === undefined) throw fail(context, `No section '${section}' in ${name}`);
  const known = new Map([...(sections.get("DEFAULT") ?? []), ...found]);
  return terms.flatMap((term): readonly Value[] => {
    const key = exact ? String(term) : String(term).toLowerCase();
    if (options.get("re") === true) {
      const expression = pythonRegExp(`(?:${String(term)})`);
      return [...known].filter(([one]) => one.search(expression) === 0).map(([, value]) => value);
    }
    return [known.get(key) ?? optionOf(options, "default", "")];
  });
};

/** Sections with their keys as Python's configparser reads them; what stands before the first section is in "". */
const sectionsOf = (text: string, exact: boolean): ReadonlyMap<string, Map<string, string>> => {
  const sections = new Map([["", new Map<string, string>()]]);
  let current = sections.get("") ?? new Map<string, string>();
  let last: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line);
    const pair = /^([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (line.trim() === "" || /^\s*[#;]/.test(line)) continue;
    if (header !== null) {
      current = sections.get(header[1] ?? "") ?? new Map<string, string>();
      sections.set(header[1] ?? "", current);
      last = null;
    } else if (/^\s/.test(line) && last !== null) current.set(last, `${current.get(last)}\n${line.trim()}`);
    else if (pair !== null) {
      last = exact ? (pair[1] ?? "") : (pair[1] ?? "").toLowerCase();
      current.set(last, pair[2] ?? "");
    }
  }
  return sections;
};
