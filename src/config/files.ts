import { relative, resolve } from "node:path";
import { LbplayError, type Place, placeText, type SourceText } from "../core/error.ts";
import { type Disk, disk } from "./disk.ts";
import type { YamlNode } from "./node.ts";
import { packTree, unpackTree } from "./tree-codec.ts";
import { decryptVault, isVaultText, type VaultPassword } from "./vault.ts";
import { type ParsedYaml, parseYaml } from "./yaml.ts";

/** How a load reaches its files. */
export interface FileOptions {
  /** Paths are shown relative to it where that is shorter. */
  readonly cwd: string;
  readonly vaults: readonly VaultPassword[];
  /** Hears every text that came out of a vault, so that it can be redacted. */
  readonly onSecret: (text: string) => void;
  /** What is asked for files; absent: the disk itself. */
  readonly disk?: Disk;
  /** Trees of earlier loads; absent: every file is parsed. */
  readonly trees?: TreeStore;
}

/** Keeps what a text was parsed to, by the text itself. */
export interface TreeStore {
  /** What was kept for a text; null: nothing. */
  readonly find: (text: string) => string | null;
  readonly keep: (text: string, packed: string) => void;
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
  /** As yaml, of a file of variables that is nobody's program: nothing of it is kept for later loads. */
  readonly privateYaml: (path: string, at: Place | null) => YamlNode | null;
  readonly disk: Disk;
}

/** The files of one load. */
export const createFiles = (options: FileOptions): Files => {
  const from = options.disk ?? disk;
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
    const loaded = readText(from, path, shown(path), at, options, faults);
    texts.set(path, loaded);
    return loaded;
  };
  const tree = (path: string, at: Place | null, store: TreeStore | undefined): YamlNode | null => {
    const known = trees.get(path);
    if (known !== undefined) return known;
    const loaded = load(path, at);
    if (loaded === null) return null;
    const node = treeOf(loaded, options, faults, store);
    trees.set(path, node);
    return node;
  };
  return {
    cwd: options.cwd,
    faults,
    isFile: (path) => from.status(path) === "file",
    isDirectory: (path) => from.status(path) === "directory",
    shown,
    text: (path, at) => load(path, at)?.plain ?? null,
    yaml: (path, at) => tree(path, at, options.trees),
    privateYaml: (path, at) => tree(path, at, undefined),
    disk: from,
  };
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
  from: Disk,
  path: string,
  name: string,
  at: Place | null,
  options: FileOptions,
  faults: LbplayError[],
): LoadedText | null => {
  let bytes: Buffer;
  try {
    bytes = from.bytes(path);
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

/** The tree of a text: of an earlier load where one is kept, else parsed, and kept where nothing of it is secret. */
const treeOf = (
  loaded: LoadedText,
  options: FileOptions,
  faults: LbplayError[],
  store: TreeStore | undefined,
): YamlNode | null => {
  const { text } = loaded.plain;
  if (store === undefined || loaded.plain !== loaded.shown || text.length < WORTH_KEEPING)
    return parseTree(loaded, options, faults).node;
  const kept = store.find(text);
  const tree = kept === null ? null : unpackTree(kept, loaded.plain);
  if (tree !== null) return tree;
  const { node, keepable } = parseTree(loaded, options, faults);
  if (node !== null && keepable) store.keep(text, packTree(node));
  return node;
};

/** Characters of a text below which parsing is as fast as looking it up. */
const WORTH_KEEPING = 256;

const parseTree = (loaded: LoadedText, options: FileOptions, faults: LbplayError[]): ParsedYaml => {
  const secretly = loaded.plain !== loaded.shown;
  const decrypt = (envelope: string, at: Place): string => {
    const text = decryptVault(envelope, options.vaults, at).toString("utf8");
    options.onSecret(text);
    return text;
  };
  const parsed = parseYaml(loaded.plain, { decrypt, ...(secretly ? { shown: loaded.shown } : {}) });
  faults.push(...parsed.faults);
  if (secretly && parsed.node !== null) announce(parsed.node, options.onSecret);
  return parsed;
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
