/** What the native half exports. Arguments and answers are JSON text; failures are errors whose message is JSON. */
export interface Native {
  /** The version of the package. */
  version(): string;
  /** The answer of an operation that needs no network. */
  pure(name: string, args: string): string;
  readonly Cancellation: new () => NativeCancellation;
  readonly Hub: new (settings: string) => NativeHub;
  readonly Space: new (settings: string) => NativeTarget;
  readonly Verifier: new (settings: string) => Pick<NativeTarget, 'call'>;
  /** The names of the operations on a hub and on a space: `{hub, space}`, as JSON. */
  operations(): string;
}

/** Ends the calls it was given to. */
export interface NativeCancellation {
  cancel(): void;
}

/** Something that has operations. */
export interface NativeTarget {
  /** The answer of an operation. */
  call(name: string, args: string, cancellation?: NativeCancellation): Promise<string>;
  /** The texts of an operation that is a stream, at most `most` at a time. */
  open(name: string, args: string, most: number): NativeTexts;
}

/** A hub, seen by one user. */
export interface NativeHub extends NativeTarget {
  /** The same hub, session and connections with changes. */
  with(changes: string): NativeHub;
}

/** JSON texts, one after the other. */
export interface NativeTexts {
  /** At least one text; none at the end. */
  next(): Promise<string[]>;
  /** Ends what it reads from, also while `next` waits. */
  close(): void;
}
