// One copy of the package serves both module systems, so that its classes are the same in both.
export * from './index.js';
