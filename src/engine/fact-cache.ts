import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, isDict, toJson, type Value } from "../core/value.ts";

/** Facts of hosts that outlive a run, as Ansible's jsonfile cache keeps them. */
export interface FactCache {
  /** The facts of a host; null where there are none, or they are too old. */
  readonly load: (host: string) => ReadonlyMap<string, Value> | null;
  readonly save: (host: string, facts: ReadonlyMap<string, Value>) => void;
  readonly forget: (host: string) => void;
}

/** How facts are kept: one file of JSON per host. */
export interface FactCacheOptions {
  readonly directory: string;
  /** What the names of the files begin with. */
  readonly prefix: string;
  /** Seconds after which facts count no more; 0: never. */
  readonly timeoutSeconds: number;
  readonly now: () => number;
}

/** A cache of facts in a directory, which is made when it is first written to. Facts may be private: so are the files. */
export const createFactCache = ({ directory, prefix, timeoutSeconds, now }: FactCacheOptions): FactCache => {
  const pathOf = (host: string): string => join(directory, prefix + host.replaceAll("/", "_"));
  return {
    load: (host) => {
      const path = pathOf(host);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined || !found.isFile()) return null;
      if (timeoutSeconds > 0 && now() - found.mtimeMs > timeoutSeconds * 1000) return null;
      const facts = parsed(readFileSync(path, "utf8"));
      return facts !== null && isDict<Value>(facts)
        ? new Map([...facts].map(([name, value]) => [String(name), value]))
        : null;
    },
    save: (host, facts) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const path = pathOf(host);
      const fresh = `${path}.lbplay-${now()}`;
      writeFileSync(fresh, `${JSON.stringify(toJson(new Map(facts)), null, 4)}\n`, { mode: 0o600 });
      renameSync(fresh, path);
    },
    forget: (host) => rmSync(pathOf(host), { force: true }),
  };
};

/** A file that is no JSON (any more) holds no facts. */
const parsed = (text: string): Value => {
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return null;
  }
};
