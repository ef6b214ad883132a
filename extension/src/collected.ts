// The page "What is collected".
import { askStatus, showFacts } from './facts.ts';
import { translate } from './words.ts';

const refreshMS = 5_000;

async function refresh(): Promise<void> {
  const status = await askStatus();
  if (!status) return;
  document.body.dataset.policy = status.policy.kind;
  showFacts(status);
}

translate();
void refresh();
setInterval(() => void refresh(), refreshMS);
