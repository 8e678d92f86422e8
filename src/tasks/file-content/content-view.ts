import { sha256 } from "../shared-probes/file-state.ts";

/** A file's content as a person is shown it: text as it is, anything else by size and checksum. */
export const contentText = (content: Buffer): string => {
  const text = content.toString("utf8");
  const readable = !content.includes(0) && Buffer.from(text).equals(content);
  return readable ? text : `(${content.length} bytes, sha256 ${sha256(content)})\n`;
};
