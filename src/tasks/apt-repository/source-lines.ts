/** One line of a file of sources. */
interface SourceLine {
  /** The source with single blanks; null where the line holds none. */
  readonly source: string | null;
  /** Not commented out. */
  readonly enabled: boolean;
}

/** Reads a line of a file of sources, as Ansible does: one comment mark in front only switches a source off. */
export const sourceLine = (line: string): SourceLine => {
  const trimmed = line.trim();
  const enabled = !trimmed.startsWith("#");
  const bare = enabled ? trimmed : trimmed.slice(1);
  const comment = bare.indexOf("#");
  const words = (comment > 0 ? bare.slice(0, comment) : bare).trim().split(/\s+/);
  const source = words[0] === "deb" || words[0] === "deb-src" ? words.join(" ") : null;
  return { source, enabled };
};

/** Whether a text has the source, and whether as one that counts. */
export const sourceIn = (text: string, source: string): "enabled" | "disabled" | "absent" => {
  const found = text
    .split("\n")
    .map(sourceLine)
    .filter((line) => line.source === source);
  if (found.length === 0) return "absent";
  return found.every(({ enabled }) => enabled) ? "enabled" : "disabled";
};

/** The text with every disabled line of the source switched on; its comment stays. */
export const withEnabled = (text: string, source: string): string =>
  text
    .split("\n")
    .map((line) => {
      const found = sourceLine(line);
      return found.source === source && !found.enabled ? line.replace(/^\s*#\s*/, "") : line;
    })
    .join("\n");

/** The text with the source in a line of its own at the end. */
export const withAdded = (text: string, source: string): string =>
  `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${source}\n`;

/** The text without the lines of the source; those that are commented out stay. */
export const without = (text: string, source: string): string =>
  text
    .split("\n")
    .filter((line) => {
      const found = sourceLine(line);
      return found.source !== source || !found.enabled;
    })
    .join("\n");

/** The name that Ansible gives to a repository's own file, without `.list`: its URL without scheme and login. */
export const fileNameOf = (source: string): string => {
  const [first = ""] = source
    .replace(/\[[^\]]+\]/g, "")
    .replace(/\w+:\/\//g, "")
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "deb" && word !== "deb-src");
  const at = first.indexOf("@");
  return first
    .slice(at + 1)
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .join("_");
};
