// The page as its visitors feel it, in a real Chromium; see parts.mjs.
//
//   make bench-web [ONLY=load,scroll,rooms,flood,cuts]
import { runParts } from './parts.mjs';

await runParts('web');
