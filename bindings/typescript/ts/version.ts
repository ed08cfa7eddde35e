import { native } from './native/load';

/** The version of this package. */
export const version: string = native.version();
