import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { triple } from './triple';
import type { Native } from './types';

/** The native half: beside this file when it was built here, else from the package for this platform. */
function load(): Native {
  const platform = triple();
  const beside = join(__dirname, `syfthub.${platform}.node`);
  if (existsSync(beside)) return require(beside) as Native;
  try {
    return require(`@syfthub/sdk-${platform}`) as Native;
  } catch (cause) {
    const reason = `@syfthub/sdk has no native half for ${platform}: @syfthub/sdk-${platform} cannot be loaded`;
    throw new Error(reason, { cause });
  }
}

/** The native half of the package. */
export const native: Native = load();
