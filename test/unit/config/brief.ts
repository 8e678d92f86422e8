import type { Step } from "../../../src/core/play.ts";
import { plain } from "./plain.ts";

/** A step as one line or, for a block, its parts: what it does and what it inherited. */
export const brief = (step: Step): unknown => {
  const { keywords } = step;
  const around = {
    ...(keywords.when.length === 0 ? {} : { when: keywords.when.map((condition) => condition.source) }),
    ...(keywords.tags.length === 0 ? {} : { tags: keywords.tags.map(plain) }),
    ...(keywords.vars.length === 0 ? {} : { vars: keywords.vars.map(plain) }),
    ...(keywords.become === null ? {} : { become: plain(keywords.become) }),
    ...(keywords.register === null ? {} : { register: keywords.register }),
    ...(step.kind !== "block" && step.role !== null ? { role: step.role.name } : {}),
  };
  if (step.kind === "block")
    return {
      block: step.block.map(brief),
      rescue: step.rescue.map(brief),
      always: step.always.map(brief),
      ...around,
    };
  if (step.kind === "meta") return { meta: step.action, ...around };
  return { [step.kind === "task" ? step.module : `include ${step.what}`]: plain(step.args), ...around };
};

/** A role of one task that names it. */
export const ROLE = (name: string): Readonly<Record<string, string>> => ({
  [`roles/${name}/tasks/main.yml`]: `- command: ${name}\n`,
});
