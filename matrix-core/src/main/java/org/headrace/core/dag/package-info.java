/** Replays a whole room from its events, in memory, and explains what came of them. */
@NullMarked
package org.headrace.core.dag;

import org.jspecify.annotations.NullMarked;
