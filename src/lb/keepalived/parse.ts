import type { SourceText } from "../../core/error.ts";
import { logicalLines } from "./logical-lines.ts";
import type { KeepalivedSyntax } from "./syntax.ts";
import { growTree } from "./tree.ts";

/** A keepalived.conf as it is written. Never throws: what keepalived would stumble over is in `problems`. */
export const parseKeepalived = (source: SourceText): KeepalivedSyntax => {
  const { written, logical, problems: found } = logicalLines(source);
  const tree = growTree();
  for (const line of logical) {
    if (line.kind === "line") tree.addLine(line.content, line.placeOf);
    else tree.add({ words: [line.name, line.value], condition: line.condition, block: null });
  }
  const { statements, problems } = tree.end();
  return { source, lines: written, statements, problems: [...found, ...problems] };
};

/** The file that was parsed, byte for byte. */
export const printKeepalived = ({ lines }: KeepalivedSyntax): string => lines.map(({ raw }) => raw).join("");
