/** What each destination is still to get, in order, in a Streams store. */
@NullMarked
package org.headrace.sender.queue;

import org.jspecify.annotations.NullMarked;
