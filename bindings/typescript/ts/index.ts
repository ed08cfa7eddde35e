/**
 * SyftHub for Node: find, publish and ask AI endpoints.
 *
 * Begin with {@link SyftHubClient}.
 *
 * @packageDocumentation
 */
export { SyftHubClient, type ClientSettings } from './client';
export type { CallOptions, ListOptions } from './calls';
export * from './errors';
export type { List } from './list';
export type { Reader } from './reader';
export type { Login } from './resources/auth';
export type * from './types/wire';
export { version } from './version';
