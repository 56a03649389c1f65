/** What programs need to know of a server whose certificate is from its own authority. */
export const trust = {
  own: 'This server’s certificate comes from its own authority.',
  run: 'Start the program with:',
  runLinux: 'On Linux, start the program with the line below; elsewhere, add the file to the system’s trust store.',
  what: 'how to trust this server',
  java: 'Import this file into Java’s trust store with keytool -importcert:',
  dotnet: 'Import this file into the trust store of the machine:',
};
