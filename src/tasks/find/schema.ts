import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of find, under Ansible's names. */
export interface FindParams {
  readonly paths: readonly string[];
  readonly patterns: readonly string[];
  readonly excludes: readonly string[] | null;
  readonly use_regex: boolean;
  readonly contains: string | null;
  readonly read_whole_file: boolean;
  readonly file_type: "any" | "directory" | "file" | "link";
  readonly age: string | null;
  readonly age_stamp: "atime" | "ctime" | "mtime";
  readonly size: string | null;
  readonly recurse: boolean;
  readonly depth: number | null;
  readonly hidden: boolean;
  readonly follow: boolean;
  readonly get_checksum: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["paths"],
  properties: {
    paths: {
      type: "array",
      items: pathSchema("A directory to search."),
      minItems: 1,
      "x-aliases": ["name", "path"],
      description: "The directories to search; one that is none is passed over and told in skipped_paths.",
    },
    patterns: {
      type: "array",
      items: { type: "string" },
      default: [],
      "x-aliases": ["pattern"],
      description:
        "Shell patterns (or, with use_regex, Python regular expressions) of names; empty means all.",
    },
    excludes: {
      type: "array",
      items: { type: "string" },
      "x-aliases": ["exclude"],
      description: "Patterns of names that are left out although they match patterns.",
    },
    use_regex: {
      type: "boolean",
      default: false,
      description: "Patterns are Python regular expressions, matched from the beginning of a name.",
    },
    contains: {
      type: "string",
      description: "Python regular expression that the beginning of a line must match; only for files.",
    },
    read_whole_file: {
      type: "boolean",
      default: false,
      description: "Search contains anywhere in the file as a whole, over the ends of lines.",
    },
    file_type: {
      type: "string",
      enum: ["any", "directory", "file", "link"],
      default: "file",
      description: "What to look for.",
    },
    age: {
      type: "string",
      pattern: "^-?[0-9]+[sSmMhHdDwW]?$",
      description: "At least this old; negative: at most. In seconds, or with s, m, h, d or w behind.",
    },
    age_stamp: {
      type: "string",
      enum: ["atime", "ctime", "mtime"],
      default: "mtime",
      description: "The time that age is counted from.",
    },
    size: {
      type: "string",
      pattern: "^-?[0-9]+[bBkKmMgGtT]?$",
      description: "At least this large; negative: at most. In bytes, or with b, k, m, g or t behind.",
    },
    recurse: { type: "boolean", default: false, description: "Also search what is below." },
    depth: {
      type: "integer",
      minimum: 0,
      description: "With recurse: how many levels to search; absent or 0 means all.",
    },
    hidden: { type: "boolean", default: false, description: "Also find names that begin with a dot." },
    follow: { type: "boolean", default: false, description: "Also search directories behind links." },
    get_checksum: { type: "boolean", default: false, description: "Also tell each file's SHA-1." },
  },
};
