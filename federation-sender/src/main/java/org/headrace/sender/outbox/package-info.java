/** What each record of the logs means for other servers: which of them get what. */
@NullMarked
package org.headrace.sender.outbox;

import org.jspecify.annotations.NullMarked;
