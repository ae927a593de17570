/** The part of Tau Prolog that is used here; the package brings no types. */
declare module "tau-prolog" {
  export interface TauTerm {
    readonly id: string;
    readonly indicator: string;
    readonly args: readonly TauValue[];
    readonly ground?: boolean;
    select: () => TauTerm;
    search: (goal: TauTerm) => boolean;
    toString: (options?: object, priority?: object, from?: string) => string;
  }
  /** A variable has an id and no args; a number a value. */
  export interface TauValue {
    readonly id?: string;
    readonly value?: number;
    readonly indicator?: string;
    readonly args?: readonly TauValue[];
    readonly ground?: boolean;
    readonly search?: (goal: TauTerm) => boolean;
    toString: (options?: object, priority?: object, from?: string) => string;
  }
  export interface TauSubstitution {
    readonly links: Readonly<Record<string, TauValue>>;
  }
  export interface TauState {
    readonly goal: TauValue | null;
    readonly substitution: TauSubstitution;
    readonly parent: TauState | null;
    readonly error?: boolean;
  }
  export interface TauThread {
    points: TauState[];
    readonly warnings: readonly TauTerm[];
    query: (
      text: string,
      options: { success?: (goal: TauTerm) => void; error?: (error: TauTerm) => void },
    ) => void;
    consult: (
      text: string,
      options: {
        file: false;
        url: false;
        html: false;
        script: false;
        success: () => void;
        error: (error: TauTerm) => void;
      },
    ) => void;
    step: () => boolean | undefined;
    head_point: () => TauState;
    success: (point: TauState) => void;
    throw_error: (error: TauTerm) => void;
  }
  export interface TauSession {
    readonly thread: TauThread;
    readonly modules: Record<string, object> & {
      readonly user: {
        modules: Record<string, object>;
        readonly rules: Readonly<Record<string, readonly object[] | undefined>>;
      };
    };
    readonly lookup_operator: (name: string, arity: number) => object | null;
  }
  export interface TauToken {
    readonly name: string;
    readonly value: string | number;
    readonly raw?: string;
    readonly start: number;
    readonly len: number;
    readonly line: number;
  }
  interface TauParsed {
    readonly type: number;
    readonly len: number;
    readonly value: TauTerm;
  }
  type TauPredicate =
    | ((thread: TauThread, point: TauState, atom: TauTerm) => boolean | undefined | void)
    | readonly object[];
  interface Tau {
    create: (limit?: number) => TauSession;
    readonly modules: Record<
      "system" | "lists",
      { readonly rules: Record<string, TauPredicate | undefined> }
    >;
    readonly directive: Record<string, unknown>;
    readonly type: {
      Thread: new (session: TauSession) => TauThread;
      Term: new (id: string, args?: readonly TauValue[]) => TauTerm;
      is_error_state: (state: TauState) => boolean;
      is_variable: (value: unknown) => boolean;
    };
    readonly error: {
      representation: (flag: string, indicator: string) => TauTerm;
    };
    readonly parser: {
      tokenizer: new (thread: TauThread) => {
        new_text: (text: string) => void;
        get_tokens: (from: number) => TauToken[] | null;
      };
      expression: (
        thread: TauThread,
        tokens: readonly TauToken[],
        start: number,
        priority: string,
        isArgument: boolean,
      ) => TauParsed;
    };
  }
  const pl: Tau;
  // oxlint-disable-next-line import/no-default-export -- how a CommonJS module is seen
  export default pl;
}

declare module "tau-prolog/modules/lists.js" {
  const install: (pl: object) => void;
  // oxlint-disable-next-line import/no-default-export -- how a CommonJS module is seen
  export default install;
}
