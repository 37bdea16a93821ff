// SPDX-License-Identifier: Apache-2.0
// Says at the top of a page whether the fleet answers, or since when it has not.

const connection = document.getElementById('connection');

let answeredAt = null;

export function answered() {
  answeredAt = new Date();
  say('live', 'Live');
}

export function lost() {
  const since = answeredAt ? ` since ${answeredAt.toISOString().slice(11, 19)} UTC` : '';
  say('lost', `No answer from the fleet${since}. Trying again`);
}

function say(state, words) {
  document.body.dataset.connection = state;
  connection.dataset.state = state;
  const place = connection.querySelector('.words');
  if (place.textContent !== words) place.textContent = words;    // a screen reader hears changes only
}
