import type { Json } from "../core/value.ts";

/** JSON on one line as Ansible prints results: keys sorted, a blank after `:` and `,`, text not escaped beyond need. */
export const jsonLine = (value: Json): string => {
  if (isArray(value)) return `[${value.map(jsonLine).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${jsonLine(item)}`)
    .join(", ")}}`;
};

/** JSON over several lines, four blanks deep and keys sorted, as `debug` and `ansible-inventory` print it. */
export const jsonBlock = (value: Json, indent = ""): string => {
  const inner = `${indent}    `;
  if (isArray(value))
    return bracketed(
      "[",
      "]",
      value.map((item) => jsonBlock(item, inner)),
      indent,
    );
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonBlock(item, inner)}`);
  return bracketed("{", "}", members, indent);
};

const bracketed = (open: string, close: string, members: readonly string[], indent: string): string =>
  members.length === 0
    ? `${open}${close}`
    : `${open}\n${members.map((member) => `${indent}    ${member}`).join(",\n")}\n${indent}${close}`;

const entries = (value: { readonly [key: string]: Json }): readonly (readonly [string, Json])[] =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Array.isArray does not narrow readonly arrays. */
const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);
