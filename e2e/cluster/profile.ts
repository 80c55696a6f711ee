import type { Profile } from './layout.ts';
import type { ProgramName } from './programs.ts';

const API = ['kube-apiserver', 'kube-controller-manager', 'etcd'] as const;

/** The programs that a profile needs built. */
export function programsOf(profile: Profile): readonly ProgramName[] {
  switch (profile) {
    case 'api':
      return API;
    case 'kwok':
      return [...API, 'kube-scheduler', 'kwok'];
    case 'node':
      return [...API, 'kube-scheduler', 'kubelet', 'kube-proxy', 'containerd', 'containerd-shim-runc-v2'];
  }
}

/** The Debian packages that a profile needs installed, with a file that shows that each is. */
export function packagesOf(profile: Profile): Readonly<Record<string, string>> {
  const openssl = { openssl: '/usr/bin/openssl' };
  if (profile !== 'node') return openssl;
  return {
    ...openssl,
    iproute2: '/sbin/ip',
    nftables: '/usr/sbin/nft',
    runc: '/usr/sbin/runc',
    'containernetworking-plugins': '/usr/lib/cni/ptp',
    'busybox-static': '/bin/busybox',
  };
}
