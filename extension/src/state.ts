// From how things are to the one thing that icon, badge and popup show. No browser here.
import type { Status } from './message.ts';

/** - measuring: this page is measured
 *  - elsewhere: this page is not
 *  - cannot: it should be, and is not, or not fully
 *  - locked: ipse has asked the application to lock */
export type Shown = 'measuring' | 'elsewhere' | 'cannot' | 'locked';

export interface View {
  shown: Shown;
  /** Names of messages: one line, and a sentence or two that say what is going on. */
  title: string;
  detail: string;
}

/** What a tab shows; tab is undefined for the icon where no tab says otherwise. */
export function viewOf(status: Status, tab: number | undefined): View {
  const { policy, missing, host } = status;
  if (policy.kind === 'none') return view('elsewhere', 'titleNotSetUp', 'detailNotSetUp');
  if (policy.kind === 'invalid') return view('cannot', 'titleInvalid', 'detailInvalid');
  if (missing.length > 0) return view('cannot', 'titleNotAllowed', 'detailNotAllowed');
  if (host.session === 'declined') return view('elsewhere', 'titleElsewhere', 'detailDeclined');
  if (tab === undefined || !host.tabs.includes(tab)) {
    return view('elsewhere', 'titleElsewhere', host.session === 'ended' ? 'detailEnded' : 'detailElsewhere');
  }
  if (host.error?.code === 'worker') return view('cannot', 'titleCannot', 'detailWorker');
  if (host.error?.code === 'clock') return view('cannot', 'titleCannot', 'detailClock');
  if (host.error?.code === 'refused' || host.error?.code === 'key') return view('cannot', 'titleCannot', 'detailRefused');
  switch (host.session) {
    case 'running':
      return host.locked ? view('locked', 'titleLocked', 'detailLocked') : view('measuring', 'titleMeasuring', 'detailMeasuring');
    case 'starting':
      return host.error?.code === 'unauthorized'
        ? view('cannot', 'titleCannot', 'detailNoToken')
        : view('measuring', 'titleStarting', 'detailStarting');
    case 'signedOut':
      return view('cannot', 'titleCannot', 'detailSignedOut');
    case 'offline':
      return view('cannot', 'titleCannot', 'detailOffline');
    default:
      return view('cannot', 'titleCannot', 'detailNoToken');
  }
}

function view(shown: Shown, title: string, detail: string): View {
  return { shown, title, detail };
}
