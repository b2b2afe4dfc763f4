/** What other servers send: transactions, joins, knocks, leaves, invites (server-server API). */
@NullMarked
package org.headrace.ingest.federation;

import org.jspecify.annotations.NullMarked;
