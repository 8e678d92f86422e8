import type { DrillResult, FaultResult } from "../../drill/result.ts";
import { faultSection } from "./drill-fault.ts";
import { pairSection, settingSection } from "./drill-setting.ts";
import { verdictBadge } from "./drill-verdict.ts";
import { el, type Markup } from "./markup.ts";
import { lengthText } from "./moment.ts";
import type { Page } from "./page.ts";
import { counted, section, table, tiles } from "./parts.ts";

/** The report of a drill: each fault with what it cost, whether that is as it should be, and what happened when. */
export const drillPage = (drill: DrillResult): Page => {
  const { pair, faults, summary } = drill;
  const done = faults.filter(({ repeats }) => repeats.length > 0);
  const worst = worstOf(done);
  const figures = done.flatMap((fault) => fault.figures ?? []);
  return {
    kind: "Report of a failover drill",
    title: `Drill of ${pair.name}: ${pair.nodes.map(({ name }) => name).join(", ")}`,
    verdict: verdictOf(drill),
    content: [
      tiles([
        { value: summary.passed, name: "passed", tone: "ok" },
        { value: summary.failed, name: "failed", tone: summary.failed > 0 ? "failed" : "ok" },
        { value: summary.unavailable + summary.notRun, name: "not done" },
        ...(worst === null ? [] : [{ value: lengthText(worst.ms), name: `longest outage: ${worst.title}` }]),
        {
          value: figures.reduce((sum, { failed }) => sum + failed, 0),
          name: `failed of ${figures.reduce((sum, { requests }) => sum + requests, 0)} requests`,
        },
      ]),
      section("Faults", faultsTable(faults)),
      ...faults.flatMap((fault, index) =>
        fault.repeats.length === 0 ? [] : [faultSection(fault, `f${index + 1}`, drill)],
      ),
      pairSection(pair),
      settingSection(drill),
    ],
  };
};

const worstOf = (faults: readonly FaultResult[]): { readonly title: string; readonly ms: number } | null => {
  const [worst] = faults
    .flatMap(({ title, figures }) => (figures === null ? [] : [{ title, ms: figures.outageMaxMs }]))
    .toSorted((a, b) => b.ms - a.ms);
  return worst ?? null;
};

const verdictOf = ({ summary, faults }: DrillResult): Page["verdict"] => {
  const { passed, failed, notRun, stopped, ok } = summary;
  if (ok) return { tone: "ok", word: "Passed", text: `${counted(passed, "fault")}, each as it should be.` };
  const names = faults.filter(({ verdict }) => verdict.kind === "failed").map(({ title }) => title);
  const rest = stopped === null ? "" : ` The drill ended early: ${stopped}.`;
  return failed > 0
    ? { tone: "failed", word: "Failed", text: `${names.join(", ")}.${rest}` }
    : { tone: "failed", word: "Not finished", text: `${counted(notRun, "fault")} did not happen.${rest}` };
};

const faultsTable = (faults: readonly FaultResult[]): Markup =>
  table(
    [
      { name: "Fault" },
      { name: "Verdict" },
      { name: "Repeats", number: true },
      { name: "Outage p50", number: true },
      { name: "Outage max", number: true },
      { name: "Return max", number: true },
      { name: "Failed requests", number: true },
      { name: "Budget", number: true },
    ],
    faults.map((fault, index) => [
      fault.repeats.length === 0 ? fault.title : el("a", { href: `#f${index + 1}` }, fault.title),
      verdictBadge(fault.verdict),
      fault.repeats.length,
      ...figureCells(fault),
      fault.budgetMs === null ? "none" : lengthText(fault.budgetMs),
    ]),
    "Faults",
  );

const figureCells = ({ figures }: FaultResult): readonly Markup[] =>
  figures === null
    ? ["–", "–", "–", "–"]
    : [
        lengthText(figures.outageP50Ms),
        lengthText(figures.outageMaxMs),
        lengthText(figures.returnMaxMs),
        `${figures.failed} of ${figures.requests}`,
      ];
