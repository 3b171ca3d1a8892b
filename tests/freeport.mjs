// For servers that a test starts: see also isFree() in tests/s3/swift.mjs, which wants four in a row.
import { createServer } from 'node:net';

// Nobody else gets this number before it is used, short of bad luck.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
