const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The environment for programs, with the system folders on the PATH: `su` leaves them out, and nft and ip live there. */
export function toolEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const path = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const missing = SYSTEM_FOLDERS.filter((folder) => !path.includes(folder));
  return { ...env, PATH: [...path, ...missing].join(':') };
}
