import type { ReadResult } from "../../src/core/probe.ts";
import { CONTENT_LIMIT, sha256 } from "../../src/tasks/shared-probes/file-state.ts";

/** A file as a golden describes it; what is left out is that of an empty root-owned 0644 file. */
interface DescribedFile {
  readonly kind?: "file" | "directory" | "link" | "other";
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** A content shorter than this is filled up with blanks. */
  readonly size?: number;
  readonly mtime?: number;
  readonly atime?: number;
  readonly links?: number;
  readonly inode?: number;
  readonly content?: string;
  readonly target?: string;
  /** Where `follow` or `into` led to. */
  readonly path?: string;
}

const TYPE_BITS = { file: 0o100000, directory: 0o040000, link: 0o120000, other: 0o020000 };

/**
 * What the shared file read prints for `absent`, `{file: {…}}` or `{file: absent, path, parent: false}`, so that goldens
 * need not spell st_mode in hex. test/local/tasks/shared-probes/file-state.test.ts compares it with what sh really prints.
 */
export const fileAnswer = (script: string, raw: unknown): ReadResult => {
  const described = raw === "absent" ? { file: "absent" } : Object(raw);
  if (described.file === "absent") return absent(script, described);
  const file = { kind: "file" as const, content: "", ...(described.file as DescribedFile) };
  const path = script.includes("printf '%s\\0'") ? `${file.path ?? pathIn(script)}\0` : "";
  const head = Buffer.from(`${path}${statLine(file)}\n`);
  const tail =
    file.kind === "file"
      ? contentTail(script, Buffer.from(file.content.padEnd(file.size ?? 0)))
      : linkTail(file);
  return { code: 0, stdout: Buffer.concat([head, tail]), stderr: Buffer.alloc(0) };
};

const absent = (script: string, { path, parent }: { path?: string; parent?: boolean }): ReadResult => {
  const header = script.includes("printf '%s\\0'") ? `${path ?? pathIn(script)}\0` : "";
  return {
    code: parent === false ? 4 : 3,
    stdout: Buffer.from(header),
    stderr: Buffer.from("stat: cannot statx '/x': No such file or directory\n"),
  };
};

const pathIn = (script: string): string => /^p='?([^'\n]*)'?$/m.exec(script)?.[1] ?? "";

const statLine = (file: DescribedFile & { kind: keyof typeof TYPE_BITS }): string => {
  const mode = file.mode ?? { file: "0644", directory: "0755", link: "0777", other: "0666" }[file.kind];
  const owner = file.owner ?? "root";
  const group = file.group ?? owner;
  const size = file.size ?? Buffer.byteLength(file.content ?? "");
  return [
    (TYPE_BITS[file.kind] | Number.parseInt(mode, 8)).toString(16),
    file.uid ?? (owner === "root" ? 0 : 1000),
    file.gid ?? (group === "root" ? 0 : 1000),
    owner,
    group,
    size,
    file.atime ?? 1700000000,
    file.mtime ?? 1700000000,
    1700000000,
    file.links ?? 1,
    file.inode ?? 11,
    64768,
  ].join(" ");
};

const linkTail = (file: DescribedFile): Buffer => Buffer.from(file.kind === "link" ? `${file.target}\n` : "");

const contentTail = (script: string, content: Buffer): Buffer => {
  const sum = script.includes("sha256sum") ? Buffer.from(`${sha256(content)}  -\n`) : Buffer.alloc(0);
  const unless = /case \$c in ([0-9a-z]+)\*/.exec(script)?.[1];
  const sent = script.includes("head -c") && unless !== sha256(content);
  return Buffer.concat([sum, sent ? content.subarray(0, CONTENT_LIMIT + 1) : Buffer.alloc(0)]);
};
