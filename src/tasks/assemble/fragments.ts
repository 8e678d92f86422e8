import { SIMPLE_ESCAPES } from "../../core/python-literal.ts";
import { pythonRegExp } from "../../core/python-regexp.ts";
import type { AssembleParams } from "./schema.ts";

/** A part of the file. */
export interface Fragment {
  readonly name: string;
  readonly content: Buffer;
}

const NEWLINE = 0x0a;

/** The file that fragments become: in the order of their names, a line feed after each that has none. */
export const assembled = (params: AssembleParams, fragments: readonly Fragment[]): Buffer => {
  const expression = params.regexp === null ? null : pythonRegExp(params.regexp);
  const chosen = fragments
    .filter(
      ({ name }) =>
        (expression === null || expression.test(name)) && !(params.ignore_hidden && name.startsWith(".")),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const between = delimiterOf(params);
  return Buffer.concat(
    chosen.flatMap(({ content }, index) => {
      const before = chosen[index - 1];
      if (before === undefined) return [content];
      const ended = before.content.at(-1) === NEWLINE;
      return [...(ended ? [] : [Buffer.from("\n")]), between, content];
    }),
  );
};

/** Ansible ends a delimiter with a line feed of its own, on the controller even where it has one already. */
const delimiterOf = ({ delimiter, remote_src }: AssembleParams): Buffer => {
  if (delimiter === null || delimiter === "") return Buffer.alloc(0);
  const bytes = unescaped(delimiter);
  return remote_src && bytes.at(-1) === NEWLINE ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
};

/** Escapes as a Python bytes literal has them. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    Buffer.from(text)
      .toString("latin1")
      .replace(/\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
        if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
        if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
        return SIMPLE_ESCAPES[code] ?? whole;
      }),
    "latin1",
  );
