/** A file with repositories: its sections in order, each with its options in order. */
export type RepositoryFile = ReadonlyMap<string, Section>;

/** One section; a value of several lines has line feeds in it. */
export type Section = ReadonlyMap<string, string>;

/** A file that is understood, or what is wrong with it. */
export type ParsedFile =
  | { readonly kind: "parsed"; readonly file: RepositoryFile }
  | { readonly kind: "fault"; readonly line: number; readonly reason: string };

interface ParseState {
  readonly file: Map<string, Map<string, string[]>>;
  section: Map<string, string[]> | null;
  /** The option that an indented line continues. */
  lines: string[] | null;
  indent: number;
}

/** Reads a file the way Python's configparser does, which Ansible and yum use. Comments are left out. */
export const parseRepositoryFile = (text: string): ParsedFile => {
  const state: ParseState = { file: new Map(), section: null, lines: null, indent: 0 };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const reason = takeLine(state, line);
    if (reason !== null) return { kind: "fault", line: index + 1, reason };
  }
  const file = new Map(
    [...state.file].map(([name, options]) => [
      name,
      new Map([...options].map(([key, lines]) => [key, lines.join("\n").trimEnd()])),
    ]),
  );
  return { kind: "parsed", file };
};

/** Adds one line; says what is wrong with it. */
const takeLine = (state: ParseState, line: string): string | null => {
  const value = line.trim();
  if (/^[#;]/.test(value)) return null;
  if (value === "") {
    state.lines?.push("");
    return null;
  }
  const indent = line.length - line.trimStart().length;
  if (state.lines !== null && indent > state.indent) {
    state.lines.push(value);
    return null;
  }
  state.indent = indent;
  const name = /^\[(.+)\]/.exec(value)?.[1];
  return name === undefined ? takeOption(state, value) : takeSection(state, name);
};

const takeSection = (state: ParseState, name: string): string | null => {
  if (state.file.has(name)) return `a second section [${name}]`;
  state.section = new Map();
  state.file.set(name, state.section);
  state.lines = null;
  return null;
};

const takeOption = (state: ParseState, text: string): string | null => {
  if (state.section === null) return "there is no section yet";
  const [, name, value = ""] = /^(.*?)\s*[=:]\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || name === "") return "neither a section nor an option with a value";
  const key = name.toLowerCase();
  if (state.section.has(key)) return `a second ${key} in its section`;
  state.lines = [value];
  state.section.set(key, state.lines);
  return null;
};

/** The file's text as configparser writes it. */
export const renderRepositoryFile = (file: RepositoryFile): string =>
  [...file]
    .map(([name, options]) =>
      [
        `[${name}]`,
        ...[...options].map(([key, value]) => `${key} = ${value.replaceAll("\n", "\n\t")}`),
        "",
        "",
      ].join("\n"),
    )
    .join("");

/** Whether two sections say the same, in whatever order. */
export const sameSection = (one: Section, other: Section): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
