import { LbplayError, LbplayErrors } from "../core/error.ts";

/** Something in a model that cannot be rendered or must not be run: where it stands in the model, and what to do. */
export interface Fault {
  /** Stable: `E_LB_UNKNOWN_BACKEND`, `E_LB_VERSION`, … */
  readonly code: string;
  /** Keys and indexes from the model's root. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** `frontends[0].default_backend: there is no backend "app"`. */
export const faultText = ({ path, message }: Fault): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

const pathText = (path: Fault["path"]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "");

/** The faults as what a module throws. */
export const faultError = (faults: readonly Fault[]): LbplayErrors =>
  new LbplayErrors(faults.map((fault) => new LbplayError({ code: fault.code, message: faultText(fault) })));
