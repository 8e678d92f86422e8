/** The words of a script's line, quotes taken off, without a shell in front (`/bin/sh -c "killall -0 haproxy"`). */
export const commandWords = (line: string): readonly string[] => {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
  const shell = /^(ba|da)?sh$/.test(lastPart(words[0] ?? "")) && words[1] === "-c";
  return shell && words[2] !== undefined ? commandWords(words[2]) : words;
};

/** The name of the program that a script's line starts: `killall` of `/usr/bin/killall -0 haproxy`. */
export const basename = (line: string): string => lastPart(commandWords(line)[0] ?? "");

const lastPart = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether a script only looks at a file of the node, which cannot fail by chance as a request or a look-up can. */
export const looksAtFile = (line: string): boolean => /^(test|\[|grep|cat|true|false)$/.test(basename(line));
