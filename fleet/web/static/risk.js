// SPDX-License-Identifier: Apache-2.0
// All on this page is written by the server and fetched again by htmx; here is only whether it answers.

import {answered, lost} from './connection.js';

const main = document.getElementById('live');

main.addEventListener('htmx:after:request', ({detail}) => (detail.ctx.response.status < 400 ? answered() : lost()));
main.addEventListener('htmx:error', lost);

if (window.htmx) answered();     // it has just sent the page
