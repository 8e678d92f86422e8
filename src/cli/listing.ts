import type { Play, Step } from "../core/play.ts";
import { isDict, isList, isTemplate, type Source } from "../core/value.ts";
import { isSelected, tagNames } from "../engine/tags.ts";
import { type ListedTask, type ListingRequest, listingText, type PlayListing } from "../report/lists.ts";
import type { LoadedPlaybook } from "./load-playbooks.ts";
import type { RunOptions } from "./run-options.ts";

/** What `--list-hosts`, `--list-tasks` and `--list-tags` print: nothing is run and no node is asked. */
export const listPlays = (
  loaded: readonly LoadedPlaybook[],
  match: (pattern: string) => readonly string[],
  request: ListingRequest,
  selection: Pick<RunOptions, "tags" | "skipTags">,
): string =>
  loaded
    .map(({ playbook }) =>
      listingText(
        playbook.path,
        playbook.plays.map((play) => listPlay(play, match, selection)),
        request,
      ),
    )
    .join("");

const listPlay = (
  play: Play,
  match: (pattern: string) => readonly string[],
  selection: Pick<RunOptions, "tags" | "skipTags">,
): PlayListing => {
  const pattern = patternText(play.hosts);
  return {
    name: play.name ?? pattern,
    pattern,
    tags: tagNames(play.keywords.tags),
    hosts: isTemplate(play.hosts) ? [] : match(pattern),
    tasks: play.sections
      .flatMap((steps) => listSteps(steps))
      .filter((task) => isSelected(task.tags, selection.tags, selection.skipTags)),
  };
};

const listSteps = (steps: readonly Step[]): readonly ListedTask[] =>
  steps.flatMap((step): readonly ListedTask[] => {
    if (step.kind === "block")
      return [...listSteps(step.block), ...listSteps(step.rescue), ...listSteps(step.always)];
    if (step.kind === "meta") return [];
    const role = step.role === null ? "" : `${step.role.name} : `;
    const module = step.kind === "task" ? step.module : `include_${step.what}`;
    return [
      {
        name: `${role}${step.name === null ? module : sourceText(step.name)}`,
        tags: tagNames(step.keywords.tags),
      },
    ];
  });

const patternText = (hosts: Source): string =>
  isList<Source>(hosts) ? hosts.map(sourceText).join(",") : sourceText(hosts);

/** As written: templates are not rendered. */
const sourceText = (source: Source): string =>
  isTemplate(source) ? source.source : isDict(source) || source === null ? "" : String(source);
