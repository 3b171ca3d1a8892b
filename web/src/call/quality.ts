// SPDX-License-Identifier: MIT
// How good a connection is, and what to do about it.

/** Of two seconds: per cent of the packets that were lost, milliseconds there and back, milliseconds of jitter. */
export interface Metrics { loss: number; rtt: number; jitter: number }
export type Verdict = 'good' | 'poor' | 'bad';

/** poor: worth a warning. bad: the way there is worth another try. */
export function judge({ loss, rtt, jitter }: Metrics): Verdict {
  if (loss > 15 || rtt > 1000 || jitter > 100) return 'bad';
  return loss > 5 || rtt > 300 || jitter > 50 ? 'poor' : 'good';
}

/** What a picture may cost: as it is, and less and less of it. */
export const LEVELS: readonly { maxBitrate: number; scaleResolutionDownBy: number }[] = [
  { maxBitrate: 120_000, scaleResolutionDownBy: 4 },
  { maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  { maxBitrate: 800_000, scaleResolutionDownBy: 1.5 },
  { maxBitrate: 1_500_000, scaleResolutionDownBy: 1 },
];
export const FULL = LEVELS.length - 1;
const CALM = 5; // good ones in a row before more is tried

/** The most that may be sent to each of so many others: all of it is made and sent by one computer. */
export const mostFor = (others: number): number => (others <= 1 ? FULL : others <= 3 ? 2 : others <= 7 ? 1 : 0);

/** Lets a picture cost so much. */
export async function limit(sender: RTCRtpSender | undefined, level: number): Promise<void> {
  const isText = sender?.track?.contentHint === 'detail'; // a screen, of which every point is wanted
  const most = { ...LEVELS[level]!, ...isText && { scaleResolutionDownBy: 1 } };
  const parameters = sender?.getParameters();
  if (!sender?.track || !parameters || parameters.encodings.every((one) => one.maxBitrate === most.maxBitrate && one.scaleResolutionDownBy === most.scaleResolutionDownBy)) return;
  for (const encoding of parameters.encodings) Object.assign(encoding, most);
  await sender.setParameters(parameters).catch(() => {}); // it is only better with it
}

/** The level after a verdict; good: so many good ones in a row. */
export function adapt(level: number, verdict: Verdict, good: number, most = FULL): number {
  if (verdict !== 'good') return Math.max(0, Math.min(most, level - 1));
  return Math.min(most, good >= CALM ? level + 1 : level);
}

interface Counts { lost: number; received: number }

// What a report says, as far as it says it.
function read(report: RTCStatsReport): Counts & { sent: number; rtt: number; jitter: number } {
  const all = { lost: 0, received: 0, sent: 0, rtt: 0, jitter: 0 };
  report.forEach((one) => {
    if (one.type === 'inbound-rtp') {
      all.lost += one.packetsLost ?? 0;
      all.received += one.packetsReceived ?? 0;
      // A picture comes in bursts, which is no jitter of the network.
      if (one.kind === 'audio') all.jitter = Math.max(all.jitter, one.jitter ?? 0);
    } else if (one.type === 'remote-inbound-rtp') {
      all.sent = Math.max(all.sent, one.fractionLost ?? 0);
      all.rtt = Math.max(all.rtt, one.roundTripTime ?? 0);
    } else if (one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded') all.rtt = Math.max(all.rtt, one.currentRoundTripTime ?? 0);
  });
  return all;
}

/** Compares one report with the one before. */
export class Meter {
  #before: Counts | null = null;

  /** null: there is nothing to compare yet. */
  take(report: RTCStatsReport): Metrics | null {
    const { lost, received, sent, rtt, jitter } = read(report);
    const before = this.#before;
    this.#before = { lost, received };
    if (!before) return null;
    const gone = Math.max(0, lost - before.lost);
    const came = Math.max(0, received - before.received);
    const loss = gone + came > 0 ? gone / (gone + came) : 0;
    return { loss: 100 * Math.max(loss, sent), rtt: 1000 * rtt, jitter: 1000 * jitter };
  }
}
