/** What a space gives and takes. */
export type { ChangesOptions, Health, Index } from './client';
export type * from './drafts';
export type { HubsOptions, SpaceEndpoints } from './endpoints';
export type { Ingestion, IngestionStatus, JobsOptions } from './ingestion';
export type { HubRemovalOptions, Marketplaces } from './marketplaces';
export type { Datasets, Models } from './parts';
export type { DecisionFilter, Policies } from './policies';
export type { Provisioners } from './provisioners';
export type * from './questions';
export type { Reached, Settings } from './settings';
export type { Accounts, Tenants } from './tenants';
export type * from './wire';
