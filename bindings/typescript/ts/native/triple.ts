/** The name of this platform in the names of native files and packages, such as `linux-x64-gnu`. */
export function triple(): string {
  const machine = `${process.platform}-${process.arch}`;
  switch (process.platform) {
    case 'linux':
      return `${machine}-${usesGnuLibc() ? 'gnu' : 'musl'}`;
    case 'win32':
      return `${machine}-msvc`;
    default:
      return machine;
  }
}

function usesGnuLibc(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
}
