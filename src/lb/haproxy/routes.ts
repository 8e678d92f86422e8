import type { Word } from "../syntax.ts";
import type { Directive, HaproxyConfig, ProxySection } from "./config.ts";

/** One way out of a frontend: the backend that a line names. */
export interface Route {
  readonly directive: Directive;
  readonly backend: Word;
  /** The words behind `if` or `unless`, with it; empty: always. */
  readonly condition: readonly string[];
}

/** The use_backend lines of a proxy and then its default_backend, its defaults' included; `%[…]` names no single one. */
export const routesOf = (proxy: ProxySection): readonly Route[] => {
  const own = proxy.directives.filter(({ keyword }) => keyword === "use_backend");
  const last = [...proxy.inherited, ...proxy.directives].findLast(
    ({ keyword }) => keyword === "default_backend",
  );
  return [...own, ...(last === undefined ? [] : [last])].flatMap((directive) => {
    const [backend, ...rest] = directive.args;
    if (backend === undefined) return [];
    return [{ directive, backend, condition: rest.map(({ text }) => text) }];
  });
};

/** The proxy of that name that can be a route's end. */
export const backendNamed = ({ proxies }: HaproxyConfig, name: string): ProxySection | null =>
  proxies.find((proxy) => proxy.kind !== "frontend" && proxy.name === name) ?? null;

/** The condition of a rule: its words behind the last `if` or `unless`, with it; empty where there is none. */
export const conditionOf = ({ words }: Directive): readonly Word[] => {
  const start = words.findIndex(({ raw }) => raw === "if" || raw === "unless");
  return start === -1 ? [] : words.slice(start);
};
