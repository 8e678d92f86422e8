import { isList, type Source } from "../core/value.ts";

/** Whether a task with these tags runs, as Ansible decides by `--tags` and `--skip-tags`. */
export const isSelected = (
  tags: readonly string[],
  only: readonly string[],
  skip: readonly string[],
): boolean => wanted(tags, only) && !unwanted(tags, skip);

const wanted = (tags: readonly string[], only: readonly string[]): boolean => {
  const asked = only.length === 0 ? ["all"] : only;
  if (tags.includes("always")) return true;
  if (tags.some((tag) => asked.includes(tag))) return true;
  if (tags.includes("never")) return false;
  if (asked.includes("all")) return true;
  return asked.includes(tags.length > 0 ? "tagged" : "untagged");
};

const unwanted = (tags: readonly string[], skip: readonly string[]): boolean => {
  if (skip.length === 0) return false;
  if (tags.some((tag) => skip.includes(tag))) return true;
  if (skip.includes("all")) return !tags.includes("always");
  return skip.includes(tags.length > 0 ? "tagged" : "untagged");
};

/** The names in a `tags:` keyword: lists and comma-separated texts, flattened. A templated tag counts as written. */
export const tagNames = (tags: readonly Source[]): readonly string[] =>
  [
    ...new Set(
      tags.flatMap((tag): readonly string[] =>
        isList<Source>(tag)
          ? tagNames(tag)
          : (typeof tag === "string" ? tag : typeof tag === "number" ? String(tag) : "")
              .split(",")
              .map((name) => name.trim()),
      ),
    ),
  ].filter((name) => name !== "");
