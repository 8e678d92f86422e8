import { byteText } from "../file-content/edit-schema.ts";
import type { IniFileParams } from "./schema.ts";

/**
 * The content with the option or section as wanted; null where it is so already. As Ansible does it: a new option goes
 * behind the last line of its section that is neither empty nor a comment, a new section to the end of the file, and a
 * byte order mark and the carriage returns of line ends do not survive a change. Strings have one character per byte.
 */
export const withIni = (params: IniFileParams, before: Buffer): Buffer | null => {
  const text = before
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "")
    .replace(/\r\n?/g, "\n");
  const unended = text !== "" && !text.endsWith("\n");
  const lines = text === "" ? [""] : text.replace(/\n$/, "").split("\n");
  const { head, section, tail } = parts(lines, params.section);
  const edited =
    section === null
      ? newSection(params)
      : params.state === "present"
        ? withOption(params, section)
        : without(params, section);
  if (edited === null && !unended) return null;
  const all = [...head, ...(edited ?? section ?? []), ...tail];
  return Buffer.from(all.map((line) => `${line}\n`).join(""), "latin1");
};

interface Parts {
  readonly head: readonly string[];
  /** The section's lines, its title first where it has one; null where there is no such section. */
  readonly section: readonly string[] | null;
  readonly tail: readonly string[];
}

/** The lines before, in and after the section; of titles of the same name that follow each other the last counts. */
const parts = (lines: readonly string[], name: string | null): Parts => {
  const isTitle = (line: string): boolean => line.startsWith("[");
  if (name === null || name === "") {
    const end = lines.findIndex(isTitle);
    const at = end === -1 ? lines.length : end;
    return { head: [], section: lines.slice(0, at), tail: lines.slice(at) };
  }
  const isOwn = (line: string): boolean => line.startsWith(`[${byteText(name)}]`);
  const first = lines.findIndex(isOwn);
  if (first === -1) return { head: lines, section: null, tail: [] };
  const next = lines.findIndex((line, index) => index > first && isTitle(line) && !isOwn(line));
  const end = next === -1 ? lines.length : next;
  const start = lines.slice(0, end).findLastIndex(isOwn);
  return { head: lines.slice(0, start), section: lines.slice(start, end), tail: lines.slice(end) };
};

const wantedValues = ({ value, values }: IniFileParams): readonly string[] => [
  ...new Set((value === null ? (values ?? []) : [value]).map(byteText)),
];

const assignment = (params: IniFileParams, value: string): string =>
  params.no_extra_spaces
    ? `${byteText(params.option ?? "")}=${value}`
    : `${byteText(params.option ?? "")} = ${value}`;

const newSection = (params: IniFileParams): readonly string[] | null => {
  if (params.state === "absent") return null;
  const { option, allow_no_value } = params;
  const values = wantedValues(params);
  const title = `[${byteText(params.section ?? "")}]`;
  if (option === null) return [title];
  if (values.length === 0 && allow_no_value) return [title, byteText(option)];
  return [title, ...values.map((value) => assignment(params, value))];
};

/** What a line of the option holds. */
interface Match {
  readonly active: boolean;
  readonly value: string;
}

const matcher = (option: string): ((line: string) => Match | null) => {
  const name = byteText(option).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const expression = new RegExp(`^([#;]?)[ \\t]*${name}[ \\t]*(?:=|$)[ \\t]*(.*)`);
  return (line) => {
    const found = expression.exec(line);
    return found === null ? null : { active: found[1] === "", value: found[2] ?? "" };
  };
};

/** A line on its way, and whether it has got what it shall have. */
interface Slot {
  readonly line: string;
  readonly settled: boolean;
}

const withOption = (params: IniFileParams, section: readonly string[]): readonly string[] | null => {
  const { option, exclusive, allow_no_value } = params;
  if (option === null) return null;
  const matches = matcher(option);
  const match = (line: string): Match | null => {
    const found = matches(line);
    return found === null || found.active || params.modify_inactive_option ? found : null;
  };
  const bare = byteText(option);
  const pending = [...wantedValues(params)];
  const valueless = pending.length === 0 && allow_no_value;
  let slots: Slot[] = section.map((line) => ({ line, settled: false }));
  let bareThere = false;

  const settle = (index: number, line: string): void => {
    const old = slots[index]?.line ?? "";
    slots[index] = { line: sameButSpaces(params, match(old), match(line)) ? old : line, settled: true };
  };
  for (const [index, { line }] of slots.entries()) {
    const found = match(line);
    if (found === null) continue;
    const at = pending.indexOf(found.value);
    if (at !== -1) {
      const alone = found.value === "" && allow_no_value;
      bareThere ||= alone;
      settle(index, alone ? bare : assignment(params, found.value));
      pending.splice(at, 1);
    } else if (valueless) {
      settle(index, bare);
      bareThere = true;
      break;
    }
  }
  if (exclusive && !allow_no_value) {
    for (const [index, { line, settled }] of slots.entries()) {
      if (settled || match(line) === null) continue;
      const value = pending.shift();
      if (value === undefined) break;
      settle(index, assignment(params, value));
    }
    const first = hasTitle(params) ? 1 : 0;
    slots = slots.filter(({ line, settled }, index) => index < first || settled || match(line) === null);
  }
  const added = valueless && !bareThere ? [bare] : pending.map((value) => assignment(params, value));
  const lines = slots.map(({ line }) => line);
  const last = lines.findLastIndex((line) => !/^[ \t]*([#;].*)?$/.test(line));
  const after = lines.toSpliced(last + 1, 0, ...added);
  return sameLines(after, section) ? null : after;
};

const hasTitle = ({ section }: IniFileParams): boolean => section !== null && section !== "";

/** With ignore_spaces a line that is active and has the value already stays as it is. */
const sameButSpaces = (params: IniFileParams, old: Match | null, wanted: Match | null): boolean =>
  params.ignore_spaces && old?.active === true && old.value === wanted?.value;

const without = (params: IniFileParams, section: readonly string[]): readonly string[] | null => {
  const { option, exclusive } = params;
  if (option === null) return section.length === 0 ? null : [];
  const match = matcher(option);
  const values = wantedValues(params);
  const kept = section.filter((line) => {
    const found = match(line);
    return found === null || !found.active || !(exclusive || values.includes(found.value));
  });
  return kept.length === section.length ? null : kept;
};

const sameLines = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index]);
