// Files: what uploads, the bucket and the readers of files hold; see parts.mjs.
//
//   make bench-files [ONLY=kills,faults]
import { runParts } from './parts.mjs';

await runParts('files');
