import { dict, type Value } from "../../core/value.ts";

type Facts = Readonly<Record<string, Value>> & { readonly name: string };

/** The packages in a node's answer, by name: what each package manager printed, in sections. null where none did. */
export const packagesIn = (text: string): ReadonlyMap<Value, Value> | null => {
  const sections = new Map(
    text
      .split(/^--lbplay /m)
      .slice(1)
      .map((block) => [block.slice(0, block.indexOf("\n")), block.slice(block.indexOf("\n") + 1)]),
  );
  const present = [...sections.keys()].flatMap((name) => {
    const packages = MANAGERS[name];
    return packages === undefined ? [] : [{ source: name, packages: packages(sections) }];
  });
  if (present.length === 0) return null;
  const found = new Map<Value, Value>();
  for (const { source, packages } of present) {
    const byName = new Map<string, Value[]>();
    for (const facts of packages) {
      const entries = byName.get(facts.name) ?? [];
      byName.set(facts.name, entries);
      entries.push(dict({ ...facts, source }));
    }
    for (const [name, entries] of byName) found.set(name, entries);
  }
  return found;
};

type Sections = ReadonlyMap<string, string>;

const linesOf = (sections: Sections, name: string): readonly string[] =>
  (sections.get(name) ?? "").split("\n").filter((line) => line !== "");

const apt = (sections: Sections): readonly Facts[] => {
  const native = sections.get("native")?.trim();
  const origins = originsIn(sections);
  return linesOf(sections, "apt").flatMap((line) => {
    const [status = "", bare = "", arch = "", version = "", category = ""] = line.split(" ");
    if (!INSTALLED.has(status)) return [];
    const name = arch === "all" || arch === native ? bare : `${bare}:${arch}`;
    return [{ name, version, arch, category, origin: origins.get(name) ?? "" }];
  });
};

const INSTALLED = new Set(["installed", "triggers-awaited", "triggers-pending"]);

/** The origin of the first list that offers the installed version; a package of no list has none. */
const originsIn = (sections: Sections): ReadonlyMap<string, string> => {
  const owners = new Map(
    (sections.get("lists") ?? "")
      .split(/^ +-?\d+ /m)
      .slice(1)
      .map((block) => [block.split("\n", 1).join(""), /^ +release .*?\bo=([^,\n]*)/m.exec(block)?.[1] ?? ""]),
  );
  return new Map(
    (sections.get("versions") ?? "").split(/^(?=\S)/m).flatMap((block) => {
      const name = /^(\S+):\n/.exec(block)?.[1];
      const list = /^ \*\*\* \S+(?: -?\d+)?\n +-?\d+ (.*)$/m.exec(block)?.[1];
      return name === undefined || list === undefined ? [] : [[name, owners.get(list) ?? ""] as const];
    }),
  );
};

const rpm = (sections: Sections): readonly Facts[] =>
  linesOf(sections, "rpm").map((line) => {
    const [name = "", version = "", release = "", epoch = "", arch = ""] = line.split(" ");
    return {
      name,
      version,
      release,
      epoch: epoch === "(none)" ? null : Number(epoch),
      arch: arch === "(none)" ? null : arch,
    };
  });

/** Fields of `pacman -Qi`; one that is long goes on in the next, indented lines. */
const pacman = (sections: Sections): readonly Facts[] =>
  (sections.get("pacman") ?? "").split(/\n\s*\n/).flatMap((block) => {
    const fields = new Map(
      block
        .replace(/\n +/g, "  ")
        .split("\n")
        .flatMap((line) => {
          const [, key, value] = /^(\w[\w ]*?) +: (.*)$/.exec(line) ?? [];
          return key === undefined || value === undefined ? [] : [[key, value]];
        }),
    );
    const name = fields.get("Name");
    if (name === undefined) return [];
    const provided = fields.get("Provides") ?? "None";
    return [
      {
        name,
        version: fields.get("Version") ?? "",
        arch: fields.get("Architecture") ?? "",
        provides: provided === "None" ? null : provided.split(/ {2,}/).map((item) => item.replace(/=.*/, "")),
      },
    ];
  });

const apk = (sections: Sections): readonly Facts[] =>
  linesOf(sections, "apk").map((line) => {
    const [, name = line, version = "", release = ""] = /^(.+)-([^-]+)-([^-]+)$/.exec(line) ?? [];
    return { name, version, release };
  });

const MANAGERS: Readonly<Record<string, (sections: Sections) => readonly Facts[]>> = {
  apt,
  rpm,
  pacman,
  apk,
};
