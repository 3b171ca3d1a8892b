// Talking: what messages, searches, exports, bots and webhooks hold; see parts.mjs.
//
//   make bench-talk [ONLY=search,reads]
import { runParts } from './parts.mjs';

await runParts('talk');
