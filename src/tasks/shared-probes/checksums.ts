/** The checksums that sha1sum, sha256sum and their kind print, by path; `digits` is how long one is in hexadecimal. */
export const parseChecksums = (text: string, digits: number): ReadonlyMap<string, string> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        // A line whose name had to be escaped begins with a backslash.
        const escaped = line.startsWith("\\");
        const plain = escaped ? line.slice(1) : line;
        const name = plain.slice(digits + 2);
        const path = escaped
          ? name.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char === "r" ? "\r" : char))
          : name;
        return [path, plain.slice(0, digits)] as const;
      }),
  );
