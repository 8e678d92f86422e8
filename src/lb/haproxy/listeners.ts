import type { Word } from "../syntax.ts";
import { readAddress } from "./addresses.ts";
import type { Bind, Directive, LineOptions, Server } from "./config.ts";
import { bindOptions, serverOptions } from "./line-options.ts";
import type { HaproxyLine } from "./syntax.ts";

/** What a frontend or listen section listens on: its bind lines, and the addresses in its first line that versions before 2.0 take. */
export const bindsOf = (header: HaproxyLine, directives: readonly Directive[]): readonly Bind[] => {
  const [, , address] = header.words;
  const inline = address === undefined || address.text === "from" ? [] : bindsOfWords(header.words.slice(2));
  return [
    ...inline,
    ...directives.flatMap(({ keyword, args }) => (keyword === "bind" ? bindsOfWords(args) : [])),
  ];
};

const bindsOfWords = ([addresses, ...rest]: readonly Word[]): readonly Bind[] => {
  if (addresses === undefined) return [];
  const options = bindOptions(rest);
  return addresses.text
    .split(",")
    .filter((text) => text !== "")
    .map((text) => {
      const { address, family, ports, protocol } = readAddress(text);
      return { at: addresses.at, address, family, ports, protocol, options };
    });
};

/** The servers of a backend or listen section, each with what the default-server lines before it gave. */
export const serversOf = (
  inherited: readonly Directive[],
  directives: readonly Directive[],
): readonly Server[] => {
  let base: LineOptions = new Map();
  const servers: Server[] = [];
  for (const { keyword, args, at } of [...inherited, ...directives]) {
    if (keyword === "default-server") base = serverOptions(base, args);
    const template = keyword === "server-template";
    if (!template && keyword !== "server") continue;
    const [name, second, ...others] = args;
    const [count, place, options] = template
      ? [second, others[0], others.slice(1)]
      : [undefined, second, others];
    if (name === undefined || place === undefined) continue;
    const { address, port } = readAddress(place.text);
    servers.push({
      at,
      name: name.text,
      address,
      port,
      options: serverOptions(base, options),
      count: count === undefined ? 1 : templateCount(count.text),
    });
  }
  return servers;
};

/** `3` and `1-3` are three servers; 0 for what HAProxy refuses. */
const templateCount = (text: string): number => {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) return 0;
  return last === undefined ? Number(first) : Math.max(0, Number(last) - Number(first) + 1);
};
