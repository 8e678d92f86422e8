import { namesOf } from "./flags.ts";
import type { RpmParams } from "./schema.ts";

/** What the parameters of dnf and yum have to obey beyond the schema. */
export const rules = (params: RpmParams): readonly string[] => {
  const { name, state, autoremove, update_cache } = params;
  return [
    ...(name === null && !autoremove && !update_cache
      ? ["one of name, autoremove or update_cache is required"]
      : []),
    ...(autoremove && state !== null && state !== "absent" && state !== "removed"
      ? ["autoremove goes with state absent"]
      : []),
    ...(name?.some((item) => item.trim() === "*") === true && (state !== "latest" || name.length > 1)
      ? ["the name * stands alone and goes with state latest"]
      : []),
    ...namesOf(params).flatMap((item) => nameFaults(item)),
    ...(params.installroot === "/" ? [] : ["installroot is not supported: packages go into the node itself"]),
    ...(params.download_only || params.download_dir !== null
      ? ["download_only and download_dir are not supported: run dnf download in a command task"]
      : []),
    ...(params.list === null ? [] : ["list is not supported: run rpm -q or dnf list in a command task"]),
  ];
};

const nameFaults = (name: string): readonly string[] => {
  if (name.startsWith("@")) return [`${name}: groups and modules are not supported; name the packages`];
  if (/\s/.test(name)) return [`${name} is not a package name; a version is written name-version`];
  return name.startsWith("-") ? [`${name} is not a package name`] : [];
};
