/** The projector: logs in, rows and ticks out. */
@NullMarked
package org.headrace.projections.runner;

import org.jspecify.annotations.NullMarked;
