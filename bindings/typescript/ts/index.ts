/**
 * SyftHub for Node: find, publish and ask AI endpoints.
 *
 * Begin with {@link SyftHubClient}, or for a space of one's own with {@link SpaceClient}.
 *
 * @packageDocumentation
 */
export { SyftHubClient, type ClientChanges, type ClientSettings, type CredentialStore } from './client';
export type { CallOptions, ListOptions } from './calls';
export * from './errors';
export { requireToken, type Middleware, type TokenRequest, type TokenResponse } from './express';
export type { List } from './list';
export type { Reader } from './reader';
export type { AccountingService, ServiceAccount, ServicePayment } from './resources/accounting';
export type { Admin, FindErrorsOptions, FindUsersOptions, UserFilter } from './resources/admin';
export type { Aggregators } from './resources/aggregators';
export type { ApiTokens } from './resources/api-tokens';
export type { Auth, Login } from './resources/auth';
export type { Agent, Conversation } from './resources/agent';
export type { Chat } from './resources/chat';
export type { EndpointEvent, Endpoints } from './resources/endpoints';
export type { BrowseOptions, Hub, SearchOptions, TrendingOptions } from './resources/hub';
export type { Ledger, Payment } from './resources/ledger';
export type { MyEndpoints, MyEndpointsOptions, Publication } from './resources/my-endpoints';
export type { Organizations, RoleOptions } from './resources/organizations';
export type { DocumentQuery, FoundDocument, FoundDocuments, ModelQuery, SpaceEndpoint, SyftAI } from './resources/syftai';
export type { AudiencesOptions, SatelliteTokens, SeveralTokens } from './resources/tokens';
export type { Users, UsersOptions } from './resources/users';
export type * as space from './space';
export { SpaceClient, type SpaceSettings } from './space/client';
export type * from './types/agent';
export type * from './types/chat';
export type * from './types/wire';
export { Verifier, type Claims, type VerifierSettings } from './verifier';
export { version } from './version';
