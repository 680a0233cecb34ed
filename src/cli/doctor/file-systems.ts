/**
 * File systems that several machines have in common, by the number that the kernel has for each (statfs(2) of Linux). Pure.
 */

const names: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9p, as WSL has drives of Windows',
  1702057286: 'FUSE, as virtiofs and sshfs have',
  2020557398: 'a shared folder of VirtualBox',
  2088527475: 'a shared folder of Parallels',
  12805120: 'Ceph',
  1397113167: 'AFS',
  198183888: 'Lustre',
}

/** @param type as `fs.statfs` has it. @returns undefined for one of this machine alone, or an unknown one */
export function nameOfFileSystem(type: number): string | undefined {
  return names[type >>> 0] // some systems have it as a number with a sign
}
