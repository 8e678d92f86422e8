import type { SourceText } from "../../core/error.ts";
import { SECTION_KEYWORDS } from "../haproxy/parse.ts";

/** The daemon that reads a file. */
export type FileKind = "haproxy" | "keepalived";

const KEEPALIVED_BLOCKS =
  /^(global_defs|vrrp_\w+|static_\w+|virtual_server(_group)?|track_file|track_process|garp_group|net_namespace|bfd_instance|linkbeat_interfaces|include\w*)$/;

/** Whose configuration a file is: by what it says, where it says nothing by its name; null where neither tells. */
export const fileKind = ({ path, text }: SourceText): FileKind | null => {
  for (const line of text.split("\n")) {
    const [word = "", next] = line.trim().split(/[\s{]+/);
    if (KEEPALIVED_BLOCKS.test(word)) return "keepalived";
    if (SECTION_KEYWORDS.has(word) && next !== "=") return "haproxy";
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/keepalived/.test(name)) return "keepalived";
  return /haproxy|\.cfg$/.test(name) ? "haproxy" : null;
};
