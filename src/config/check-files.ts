import { isAbsolute, join } from "node:path";
import type { Place } from "../core/error.ts";
import type { TaskStep } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { shortName } from "./catalog.ts";
import { type CheckOptions, literal, type Report } from "./check-options.ts";
import { argumentsOf, type Visit } from "./visit.ts";

/** A file of the controller that a task names literally. */
export interface InputFile {
  readonly name: string;
  readonly kind: "files" | "templates";
  readonly at: Place;
}

/** The template, copy or script that a task reads from the controller; null where it names none, or not literally. */
export const inputFileOf = (step: TaskStep): InputFile | null => {
  const args = argumentsOf(step.args);
  const module = shortName(step.module);
  if (module === "script") {
    const raw = literal(args.get("_raw_params") ?? args.get("cmd"));
    const [word = ""] = raw?.trim().split(/\s+/) ?? [];
    return word === "" || word.includes('"') || word.includes("'")
      ? null
      : { name: word, kind: "files", at: step.argPlace(["_raw_params"]) };
  }
  if (module !== "template" && module !== "copy") return null;
  const remote = args.get("remote_src") ?? false;
  const name = literal(args.get("src"));
  if (name === null || (module === "copy" && remote !== false && remote !== "no" && remote !== "false"))
    return null;
  return { name, kind: module === "template" ? "templates" : "files", at: step.argPlace(["src"]) };
};

/** Where a file of the controller is; null where it is nowhere. */
export const findInput = (input: InputFile, step: TaskStep, options: CheckOptions): string | null => {
  if (isAbsolute(input.name) || input.name.startsWith("~"))
    return options.disk.status(input.name) === null ? null : input.name;
  const directories = options.loader.searchPath(input.kind, step.role, step.at);
  const paths = directories.map((directory) => join(directory, input.name));
  return paths.find((path) => options.disk.status(path) !== null) ?? null;
};

/** Reports templates and files that are named literally and are not there. Absolute ones may come to be in the run. */
export const checkInputFiles = (visits: readonly Visit[], options: CheckOptions, report: Report): void => {
  for (const { step, certain } of visits) {
    if (step.kind !== "task" || !certain || step.keywords.ignoreErrors !== null) continue;
    const input = inputFileOf(step);
    if (
      input === null ||
      isAbsolute(input.name) ||
      input.name.startsWith("~") ||
      findInput(input, step, options) !== null
    )
      continue;
    const directories = options.loader
      .searchPath(input.kind, step.role, step.at)
      .filter((directory) => options.disk.status(directory) === "directory");
    const near = suggest(
      input.name,
      directories.flatMap((directory) => options.disk.names(directory)),
    );
    const what = input.kind === "templates" ? "template" : "file";
    report({
      code: "E_MISSING_FILE",
      message: `there is no ${what} ${input.name}`,
      at: input.at,
      hint:
        near === null
          ? `put it into ${step.role === null ? `${input.kind}/ beside the playbook` : `the role's ${input.kind}/`}`
          : `did you mean ${near}?`,
    });
  }
};
