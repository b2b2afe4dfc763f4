/** Opens the recovery plan to the simulation. */
@NullMarked
package org.headrace.topology.app;

import org.jspecify.annotations.NullMarked;
