/** One fault that a schema finds; `path` leads to the value, `params` are ajv's. */
export interface SchemaFault {
  readonly path: readonly string[];
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Of each module by its name: what its schema has against parameters. Made by src/build/validators.ts. */
export const validators: Readonly<
  Record<string, (params: Readonly<Record<string, unknown>>) => readonly SchemaFault[]>
>;

/** Of each file that is no playbook, by what it is called: what its schema has against its data. */
export const documents: Readonly<
  Record<string, (data: Readonly<Record<string, unknown>>) => readonly SchemaFault[]>
>;
