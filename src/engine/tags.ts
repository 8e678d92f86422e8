import { isList, isTemplate, type Source, type Template } from "../core/value.ts";

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

/** The names in a `tags:` keyword: lists and comma-separated texts, flattened. Templates are rendered by whoever can. */
export const tagNames = (
  tags: readonly Source[],
  render: (template: Template) => Source = ({ source }) => source,
): readonly string[] =>
  [
    ...new Set(
      tags.flatMap((tag): readonly string[] =>
        isTemplate(tag)
          ? tagNames([render(tag)])
          : isList<Source>(tag)
            ? tagNames(tag, render)
            : (typeof tag === "string" ? tag : typeof tag === "number" ? String(tag) : "")
                .split(",")
                .map((name) => name.trim()),
      ),
    ),
  ].filter((name) => name !== "");
