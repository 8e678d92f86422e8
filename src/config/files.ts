import { readFileSync, type Stats, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { LbplayError, type Place, placeText, type SourceText } from "../core/error.ts";
import type { YamlNode } from "./node.ts";
import { decryptVault, isVaultText, type VaultPassword } from "./vault.ts";
import { parseYaml } from "./yaml.ts";

/** How a load reaches its files. */
export interface FileOptions {
  /** Paths are shown relative to it where that is shorter. */
  readonly cwd: string;
  readonly vaults: readonly VaultPassword[];
  /** Hears every text that came out of a vault, so that it can be redacted. */
  readonly onSecret: (text: string) => void;
}

/** The files of one load: each is read, decrypted and parsed once. Mistakes go to `faults`. */
export interface Files {
  readonly cwd: string;
  readonly faults: LbplayError[];
  readonly isFile: (path: string) => boolean;
  readonly isDirectory: (path: string) => boolean;
  /** The path as the user would type it. */
  readonly shown: (path: string) => string;
  /** A text file, decrypted where it is a vault; null (and a fault at `at`) where it cannot be read. */
  readonly text: (path: string, at: Place | null) => SourceText | null;
  /** The tree of a YAML or JSON file; null where it is empty or broken. */
  readonly yaml: (path: string, at: Place | null) => YamlNode | null;
}

/** The files of one load. */
export const createFiles = (options: FileOptions): Files => {
  const faults: LbplayError[] = [];
  const texts = new Map<string, LoadedText | null>();
  const trees = new Map<string, YamlNode | null>();
  const shown = (path: string): string => {
    const full = resolve(options.cwd, path);
    const near = relative(options.cwd, full);
    return near.length < full.length ? near || "." : full;
  };
  const load = (path: string, at: Place | null): LoadedText | null => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const loaded = readText(path, shown(path), at, options, faults);
    texts.set(path, loaded);
    return loaded;
  };
  const yaml = (path: string, at: Place | null): YamlNode | null => {
    const known = trees.get(path);
    if (known !== undefined) return known;
    const loaded = load(path, at);
    if (loaded === null) return null;
    const node = parseTree(loaded, options, faults);
    trees.set(path, node);
    return node;
  };
  return {
    cwd: options.cwd,
    faults,
    isFile: (path) => statusOf(path)?.isFile() ?? false,
    isDirectory: (path) => statusOf(path)?.isDirectory() ?? false,
    shown,
    text: (path, at) => load(path, at)?.plain ?? null,
    yaml,
  };
};

/** What is at a path; null where nothing is, or where what should be a directory on the way is none. */
const statusOf = (path: string): Stats | null => {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return null;
    throw error;
  }
};

/** Each mistake once: a role that is used twice, or a file that is read for two reasons, tells it twice. */
export const distinct = (errors: readonly LbplayError[]): readonly LbplayError[] => {
  const known = new Map<string, LbplayError>();
  for (const error of errors) {
    const key = `${error.code}\n${error.message}\n${placeText(error.at) ?? ""}`;
    if (!known.has(key)) known.set(key, error);
  }
  return [...known.values()];
};

/** A text as it is worked on and as it may be shown; they differ where it was encrypted. */
interface LoadedText {
  readonly plain: SourceText;
  readonly shown: SourceText;
}

const readText = (
  path: string,
  name: string,
  at: Place | null,
  options: FileOptions,
  faults: LbplayError[],
): LoadedText | null => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    faults.push(unreadable(name, at, error));
    return null;
  }
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (!isVaultText(text)) {
    const source = { path: name, text };
    return { plain: source, shown: source };
  }
  const envelope = { path: name, text };
  try {
    const place = { source: envelope, line: 1, column: 1, length: 1 };
    const plain = decryptVault(text, options.vaults, place).toString("utf8");
    return { plain: { path: name, text: plain }, shown: { path: name, text: masked(plain) } };
  } catch (error) {
    if (!(error instanceof LbplayError)) throw error;
    faults.push(error);
    return null;
  }
};

const unreadable = (name: string, at: Place | null, error: unknown): LbplayError => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason =
    { ENOENT: "there is no such file", EACCES: "permission denied", EISDIR: "it is a directory" }[code] ??
    String(error);
  return new LbplayError({ code: "E_FILE", message: `cannot read ${name}: ${reason}`, at, cause: error });
};

const parseTree = (loaded: LoadedText, options: FileOptions, faults: LbplayError[]): YamlNode | null => {
  const secretly = loaded.plain !== loaded.shown;
  const decrypt = (envelope: string, at: Place): string => {
    const text = decryptVault(envelope, options.vaults, at).toString("utf8");
    options.onSecret(text);
    return text;
  };
  const parsed = parseYaml(loaded.plain, { decrypt, ...(secretly ? { shown: loaded.shown } : {}) });
  faults.push(...parsed.faults);
  if (secretly && parsed.node !== null) announce(parsed.node, options.onSecret);
  return parsed.node;
};

/** Every text and number of an encrypted file is secret. */
const announce = (node: YamlNode, onSecret: (text: string) => void): void => {
  if (node.kind === "list") for (const item of node.items) announce(item, onSecret);
  else if (node.kind === "map") for (const entry of node.entries) announce(entry.node, onSecret);
  else if (node.value !== null && typeof node.value !== "boolean") onSecret(node.text);
};

/** An encrypted file's text for error messages: keys and indentation stay, values are hidden. */
export const masked = (text: string): string =>
  text
    .split("\n")
    .map((line) => {
      const head = /^\s*(?:- +)*(?:[A-Za-z_]\w*:(?=\s|$) ?)?/.exec(line)?.[0] ?? "";
      return head + "*".repeat(line.length - head.length);
    })
    .join("\n");
