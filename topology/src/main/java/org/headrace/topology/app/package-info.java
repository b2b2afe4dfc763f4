/** Starting a topology: recovery, Streams' settings, life cycle. */
@NullMarked
package org.headrace.topology.app;

import org.jspecify.annotations.NullMarked;
